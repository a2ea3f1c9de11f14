import { Enforcement } from "../args/integration";
import { componentAnnotation } from "../enforcement/metadata";
import { proxiesOfTarget } from "../enforcement/proxySelection";
import { insertedChecks } from "../kubernetes/externalChecks";
import { annotationsOf, at, idOf, textAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { isOwnObject } from "../kubernetes/ownership";
import type { ClusterFacts } from "./clusterFacts";
import type { Found } from "./finding";
import { rootNamespaceOf } from "./meshView";
import { liveOverlap, proxiesOfPolicy } from "./overlap";
import type { KnownTarget, PreflightSubject } from "./subject";

/**
 * What else asks an agent of this kind about requests of targets that have an EnvoyFilter: unlike two policies, both are
 * in force. An authorizer of another kind beside it is nobody's mistake.
 */
export function otherEnforcements(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  if (subject.enforcement === Enforcement.AuthorizationPolicy) {
    return [];
  }
  const { authorizationPolicies = [], envoyFilters = [] } = facts;
  const root = rootNamespaceOf(facts, subject);
  const others = [
    ...authorizationPolicies.filter(isOfAgent).map((object) => ["AuthorizationPolicy", object] as const),
    ...envoyFilters.filter(asksAgents).map((object) => ["EnvoyFilter", object] as const),
  ].filter(([, object]) => annotationsOf(object)[componentAnnotation] !== subject.name);
  return subject.targets.flatMap((target) =>
    others.flatMap(([kind, object]) => {
      const overlap = liveOverlap(facts, proxiesOfTarget(target), proxiesOfPolicy(object), root);
      return overlap === "none" ? [] : [twice(target, `${kind} ${idOf(object)}`, overlap === "certain")];
    }),
  );
}

/** The names of the vendor's guide hold the agent's. */
const agentName = "sigsci";

function isOfAgent(policy: LiveObject): boolean {
  return (
    textAt(policy, "spec", "action") === "CUSTOM" &&
    (isOwnObject(policy) || (textAt(policy, "spec", "provider", "name") ?? "").includes(agentName))
  );
}

function asksAgents(filter: LiveObject): boolean {
  const checks = insertedChecks(at(filter, "spec"));
  return checks.some(
    (check) => check.filter === "ext_proc" || isOwnObject(filter) || check.cluster.includes(agentName),
  );
}

function twice({ name }: KnownTarget, other: string, certain: boolean): Found {
  return {
    severity: "warning",
    where: `target ${name}`,
    message:
      `${other} asks an agent about requests of ${certain ? "the same workloads" : "workloads that may be the same"}: ` +
      "each would be inspected twice and wait for both, and either of the two could block it.",
    remedy:
      "Remove that one once this one is in force, or tell them apart by one label: " +
      'matchLabels: { app: "web" } here and { app: "api" } there.',
  };
}
