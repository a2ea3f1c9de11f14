import { Enforcement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import { configMapNameOf } from "../../settings/mesh";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { targetsNamed } from "../finding";
import type { Found } from "../finding";
import { meshOfRevision } from "../meshView";
import type { MeshView } from "../meshView";
import { servedTargets, servedTargetsNeed } from "../servedTargets";
import type { ServedTargets } from "../servedTargets";
import type { PreflightSubject } from "../subject";

/**
 * A policy reaches the proxies of every revision, the provider only those whose mesh configuration holds it; the
 * others refuse.
 */
export const revision: Check = {
  check: PreflightCheck.Revision,
  title: "Every revision of Istio that serves a target has the provider in its mesh configuration.",
  needs: servedTargetsNeed,
  docs: "revision",
  find: (facts, subject) =>
    subject.enforcement === Enforcement.AuthorizationPolicy
      ? servedTargets(facts, subject).flatMap((served) => findingOf(facts, subject, served) ?? [])
      : [],
};

function findingOf(facts: ClusterFacts, subject: PreflightSubject, served: ServedTargets): Found | undefined {
  const mesh = meshOfRevision(facts, subject, served.revision);
  if (mesh !== undefined) {
    return mesh.providers.has(subject.extAuthz) ? undefined : missingProvider(subject, served, mesh);
  }
  const id = `${subject.istioNamespace}/${configMapNameOf(served.revision)}`;
  const isEdited = subject.meshes.some((edited) => edited.id === id);
  return facts.meshConfigMaps === undefined || isEdited ? undefined : withoutConfigMap(served, id);
}

function missingProvider(
  { extAuthz, meshes }: PreflightSubject,
  { revision: name, runs, targets }: ServedTargets,
  { configMap, complete }: MeshView,
): Found {
  // A mesh configuration that is read but lacks the provider after this run is written by somebody else.
  const external = meshes.some(({ id }) => id === configMap);
  return {
    severity: runs && complete && !external ? "error" : "warning",
    where: targetsNamed(targets),
    message:
      `revision ${name} of Istio serves it, and its mesh configuration ${configMap} has no provider ${extAuthz}. ` +
      "With the policy in place these workloads would answer 403 to every request that it matches, also with `failOpen`.",
    remedy: external
      ? "Add the entries of the output `extensionProviders` to the mesh configuration first."
      : `Add "${name}" to \`mesh.revisions\`, or move the workloads to a revision that is listed there.`,
  };
}

function withoutConfigMap({ revision: name, targets }: ServedTargets, id: string): Found {
  return {
    severity: "warning",
    where: targetsNamed(targets),
    message:
      `its proxies ask for revision ${name}, for which there is no ConfigMap ${id} and no known tag. Proxies of ` +
      "a mesh without the provider would answer 403 to every request that the policy matches.",
    remedy: "Check the label `istio.io/rev`, or list the revision behind it in `mesh.revisions`.",
  };
}
