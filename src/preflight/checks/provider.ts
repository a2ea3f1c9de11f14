import { isDeepStrictEqual } from "node:util";
import { Enforcement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { targetsNamed } from "../finding";
import type { Found } from "../finding";
import { meshOfRevision } from "../meshView";
import { servedTargets, servedTargetsNeed } from "../servedTargets";
import type { ServedTargets } from "../servedTargets";
import type { PreflightSubject } from "../subject";

/** Of entries of one name Istio takes the last, which another source of the mesh configuration may hold. */
export const provider: Check = {
  check: PreflightCheck.Provider,
  title: "The entry of `extensionProviders` that Istio uses is the one that is meant.",
  needs: servedTargetsNeed,
  docs: "provider",
  find: (facts, subject) =>
    subject.enforcement === Enforcement.AuthorizationPolicy
      ? servedTargets(facts, subject).flatMap((served) => otherProviders(facts, subject, served))
      : [],
};

function otherProviders(facts: ClusterFacts, subject: PreflightSubject, served: ServedTargets): Found[] {
  const mesh = meshOfRevision(facts, subject, served.revision);
  if (mesh === undefined) {
    return [];
  }
  return subject.providers
    .filter(({ name }) => mesh.providers.has(name))
    .filter((meant) => !isDeepStrictEqual(mesh.providers.get(meant.name), meant))
    .map(({ name }) => otherProvider(subject, served, mesh.configMap, name));
}

function otherProvider(
  { extAuthz }: PreflightSubject,
  { revision, targets }: ServedTargets,
  configMap: string,
  name: string,
): Found {
  const isAuthorizer = name === extAuthz;
  return {
    severity: isAuthorizer ? "error" : "warning",
    where: targetsNamed(targets),
    message:
      `for revision ${revision} Istio would take another provider ${name} than the one that is meant, from ` +
      `${configMap} or its shared mesh configuration: ${isAuthorizer ? "requests" : "access logs"} would go ` +
      "elsewhere or be handled in another way.",
    remedy: "Make the entries equal, remove the other one, or choose other names with `mesh.providerNames`.",
  };
}
