import { Enforcement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import type { Found } from "../finding";
import { allowsSeveralProviders } from "../istiod";
import { idOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { isOwnObject } from "../../kubernetes/ownership";
import { rootNamespaceOf } from "../meshView";
import { claimsOverlap } from "../../enforcement/claimProxies";
import type { ClaimedTarget } from "../../enforcement/claimProxies";
import { describeProxies, proxiesOfTarget } from "../../enforcement/proxySelection";
import { otherEnforcements } from "../otherEnforcements";
import { liveOverlap, proxiesOfPolicy } from "../overlap";
import { ownPolicies } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";

/**
 * Policies that name another external authorizer for the same workloads: Istio then refuses what either of them
 * matches. Source: Istio, `pilot/pkg/security/authz/builder`. Other components of the program are compared as well,
 * since their policies may be as new as this one's.
 */
export const secondProvider: Check = {
  check: PreflightCheck.SecondProvider,
  title: "No other policy names another external authorizer for the same workloads.",
  needs: ["authorizationPolicies", "envoyFilters", "pods", "workloads", "istiods", "meshConfigMaps"],
  docs: "secondprovider",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const twice = otherEnforcements(facts, subject);
  return allowsSeveralProviders(facts)
    ? twice
    : [...ofPolicies(facts, subject), ...ofComponents(facts, subject), ...twice];
}

function ofPolicies(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  if (subject.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  const ours = ownPolicies(subject);
  const foreign = (facts.authorizationPolicies ?? []).filter(
    (policy) =>
      textAt(policy, "spec", "action") === "CUSTOM" &&
      textAt(policy, "spec", "provider", "name") !== subject.extAuthz &&
      !ours.has(idOf(policy)),
  );
  const root = rootNamespaceOf(facts, subject);
  return subject.targets.flatMap((target) =>
    foreign.flatMap((policy) => {
      const overlap = liveOverlap(facts, proxiesOfTarget(target), proxiesOfPolicy(policy), root);
      return overlap === "none" ? [] : [refusal(policy, target, subject, overlap === "certain")];
    }),
  );
}

/** What the selectors alone decide was refused when the program ran. */
function ofComponents(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const root = rootNamespaceOf(facts, subject);
  const { name, enforcement } = subject;
  return subject.targets.flatMap((target) =>
    subject.otherTargets.flatMap((other): Found[] => {
      if (claimsOverlap({ ...target, component: name, enforcement }, other, root) === "none") {
        return [];
      }
      const overlap = liveOverlap(facts, proxiesOfTarget(target), proxiesOfTarget(other), root);
      return overlap === "none" ? [] : [secondComponent(target, other, overlap === "certain")];
    }),
  );
}

function secondComponent(target: KnownTarget, other: ClaimedTarget, certain: boolean): Found {
  return {
    severity: certain ? "error" : "warning",
    where: `target ${target.name}`,
    message:
      `target ${other.name} of component "${other.component}" (${describeProxies(other)}) selects ` +
      `${certain ? "pods that this target selects too" : "pods that this target may select too"}. Istio takes one ` +
      "external authorizer for a workload, and two EnvoyFilters would check each request twice.",
    remedy:
      "Let one component protect them, or tell them apart by one label: " +
      'matchLabels: { app: "web" } here and { app: "api" } there.',
  };
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
      "several: PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true." +
      (isOwnObject(policy) ? ofAComponent(provider) : ""),
  };
}

/** The engine deletes at the end of an `up`, so a policy that is renamed or moves is there twice for some seconds. */
function ofAComponent(provider: string): string {
  return (
    "\n    A component of this package made that policy. If it is this one under an earlier name, keep its provider, and " +
    `say the name in the options:\n      mesh: { providerNames: { extAuthz: "${provider}" } }\n` +
    '      aliases: [{ name: "<earlier name>" }]\n' +
    "    If the target moves, it takes two `pulumi up`, and nothing inspects in between: first take it out there, then " +
    "add it here."
  );
}
