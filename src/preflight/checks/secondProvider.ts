import { Enforcement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import type { Found } from "../finding";
import { allowsSeveralProviders } from "../istiod";
import { idOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { rootNamespaceOf } from "../meshView";
import { overlapOf, ownPolicies, podsOfTargets } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";

/**
 * Policies that name another external authorizer for the same workloads: Istio then refuses what either of them
 * matches. Source: Istio, `pilot/pkg/security/authz/builder`.
 */
export const secondProvider: Check = {
  check: PreflightCheck.SecondProvider,
  title: "No other policy names another external authorizer for the same workloads.",
  needs: ["authorizationPolicies", "pods", "istiods", "meshConfigMaps"],
  docs: "secondprovider",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { authorizationPolicies = [] } = facts;
  if (subject.enforcement !== Enforcement.AuthorizationPolicy || allowsSeveralProviders(facts)) {
    return [];
  }
  const ours = ownPolicies(subject);
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
      return overlap === "none" ? [] : [refusal(policy, target, subject, overlap === "certain")];
    }),
  );
}

function refusal(
  policy: LiveObject,
  target: KnownTarget,
  { extAuthz }: PreflightSubject,
  certain: boolean,
): Found {
  const provider = textAt(policy, "spec", "provider", "name") ?? "";
  return {
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
