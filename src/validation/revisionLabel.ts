import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { known } from "./known";

const label = "istio.io/rev";

/**
 * Warns of a label that keeps the policies from an istiod of the component: each follows only what has no such label, or
 * its own revision in it.
 *
 * Source: Istio, "Canary Upgrades".
 */
export function revisionLabelWarnings({ labels, mesh }: SigsciIstioIntegrationArgs): string[] {
  const revision = known(labels?.[label]);
  const others = (mesh?.revisions ?? ["default"]).filter((one) => one !== revision);
  if (revision === undefined || others.length === 0) {
    return [];
  }
  const instead = mesh?.configMapName === undefined ? "" : " in place of mesh.configMapName";
  return [
    `labels["${label}"] = ${revision}: the policies carry it too, and an istiod of another revision ` +
      `(${others.join(", ")}) ignores them, so its workloads are not inspected. Remove the label, or write ` +
      `mesh: { revisions: ["${revision}"] }${instead} if all targets have this revision.`,
  ];
}
