import { Enforcement } from "../../args/integration";
import { enforcementName } from "../../enforcement/metadata";
import { PreflightCheck } from "../../args/preflight";
import type { ClusterFacts } from "../clusterFacts";
import type { Finding } from "../finding";
import { allowsSeveralProviders } from "../istiod";
import { idOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { rootNamespaceOf } from "../meshView";
import { overlapOf, podsOfTargets } from "../selection";
import type { KnownTarget, PreflightSubject } from "../subject";

/**
 * Policies that name another external authorizer for the same workloads: Istio then refuses what either of them
 * matches. Source: Istio, `pilot/pkg/security/authz/builder`.
 *
 * @param facts - The cluster.
 * @param subject - The component.
 */
export function secondProviderFindings(facts: ClusterFacts, subject: PreflightSubject): Finding[] {
  const { authorizationPolicies = [] } = facts;
  if (subject.enforcement !== Enforcement.AuthorizationPolicy || allowsSeveralProviders(facts)) {
    return [];
  }
  const ours = new Set(
    subject.targets.map(({ name, namespace }) => `${namespace}/${enforcementName(subject.name, name)}`),
  );
  const foreign = authorizationPolicies.filter(
    (policy) =>
      textAt(policy, "spec", "action") === "CUSTOM" &&
      textAt(policy, "spec", "provider", "name") !== subject.extAuthz &&
      !ours.has(idOf(policy)),
  );
  if (foreign.length === 0) {
    return [];
  }
  const root = rootNamespaceOf(facts, subject);
  const pods = podsOfTargets(facts, subject);
  return subject.targets.flatMap((target) =>
    foreign.flatMap((policy) => {
      const overlap = overlapOf(policy, target, pods?.get(target), root);
      return overlap === "none" ? [] : [secondProvider(policy, target, subject, overlap === "certain")];
    }),
  );
}

function secondProvider(
  policy: LiveObject,
  target: KnownTarget,
  { extAuthz }: PreflightSubject,
  certain: boolean,
): Finding {
  const provider = textAt(policy, "spec", "provider", "name") ?? "";
  return {
    check: PreflightCheck.SecondProvider,
    severity: certain ? "error" : "warning",
    where: `target ${target.name}`,
    message:
      `AuthorizationPolicy ${idOf(policy)} sends ${certain ? "the same workloads" : "workloads that may be the same"} ` +
      `to provider ${provider}. Istio takes one external authorizer for a workload: with ${extAuthz} as a second ` +
      "one it would answer 403 to every request that either policy matches.",
    remedy:
      "Remove that policy or narrow one of the two selectors; from Istio 1.30 on istiod can also be told to take " +
      "several: PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true.",
  };
}
