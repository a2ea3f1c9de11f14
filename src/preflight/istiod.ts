import type { ClusterFacts } from "./clusterFacts";
import { labelsOf, listAt, nameOf, textAt, textsAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { istiodContainer, readSharedMeshVariable, variableOf } from "../mesh/shared/sharedVariable";
import type { SharedMeshVariable } from "../mesh/shared/sharedVariable";
import type { PreflightSubject } from "./subject";

/** Revision of an istiod Deployment; `default` for the unnamed one. */
export function revisionOf(istiod: LiveObject): string {
  const label = labelsOf(istiod)["istio.io/rev"] ?? "";
  return label === "" ? "default" : label;
}

/** The shared mesh configuration that an istiod reads, or will read once this run has patched it. */
export function sharedMeshOf(istiod: LiveObject, { istiodPatch }: PreflightSubject): SharedMeshVariable {
  return istiodPatch?.istiods.includes(nameOf(istiod)) === true
    ? { state: "patched", configMap: istiodPatch.configMap }
    : readSharedMeshVariable(istiod.spec);
}

/** Whether every istiod seen allows several external authorizers for one workload. */
export function allowsSeveralProviders({ istiods = [] }: ClusterFacts): boolean {
  const allowed = (istiod: LiveObject): boolean => {
    const variable = variableOf(istiodContainer(istiod.spec), "PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS");
    return ["true", "1"].includes(textAt(variable, "value") ?? "");
  };
  return istiods.length > 0 && istiods.every(allowed);
}

/** DNS domain for which an istiod runs, as its arguments say. */
export function istiodDomain(istiod: LiveObject): string | undefined {
  const args = listAt(istiod, "spec", "template", "spec", "containers").flatMap((container) =>
    textsAt(container, "args"),
  );
  const place = args.indexOf("--domain");
  const joined = args.find((argument) => argument.startsWith("--domain="));
  return place >= 0 ? args[place + 1] : joined?.slice("--domain=".length);
}

/** Revision of each tag, as the injection webhooks say. */
export function revisionTags({ injectionWebhooks = [] }: ClusterFacts): ReadonlyMap<string, string> {
  return new Map(
    injectionWebhooks.flatMap((webhook): [string, string][] => {
      const { "istio.io/tag": tag, "istio.io/rev": revision } = labelsOf(webhook);
      return tag === undefined || revision === undefined ? [] : [[tag, revision]];
    }),
  );
}
