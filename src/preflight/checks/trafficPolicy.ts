import { Placement, usesEnvoyFilters } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import { at, idOf, numberAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { agentRuleFor, ruleToWrite, trafficPolicyOf } from "../destinationRules";
import { targetsNamed } from "../finding";
import type { Found } from "../finding";
import { meshesOf, rootNamespaceOf } from "../meshView";
import { withoutAnswer } from "../subject";
import type { PreflightSubject } from "../subject";

/**
 * Connection pools and outlier detection that reach the cluster of the agent: those of a DestinationRule, else, from
 * Istio 1.31 on, block by block those of `defaultTrafficPolicy` in the mesh configuration. Source: Istio,
 * `applyDefaultTrafficPolicy` and `applyOutlierDetection` in pilot/pkg/networking/core/cluster_traffic_policy.go.
 */
export const trafficPolicy: Check = {
  check: PreflightCheck.TrafficPolicy,
  title: "Nothing limits how many checks a proxy has under way, or takes agents out of use.",
  needs: ["destinationRules", "istiods", "meshConfigMaps"],
  docs: "trafficpolicy",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  // The cluster of an agent in the pod stands in the EnvoyFilter itself.
  if (usesEnvoyFilters(subject.enforcement) && subject.placement === Placement.Sidecar) {
    return [];
  }
  const root = rootNamespaceOf(facts, subject);
  const byRule = new Map<LiveObject | undefined, string[]>();
  for (const target of subject.targets) {
    const rule = agentRuleFor(facts, target, subject, root);
    byRule.set(rule, [...(byRule.get(rule) ?? []), target.name]);
  }
  return [...byRule].flatMap(([rule, targets]) => {
    const remedy = remedyFor(ruleToWrite(rule, subject, root));
    return [limit, ejection].flatMap((of): Found[] => {
      const message = of(facts, rule, subject);
      return message === undefined
        ? []
        : [{ severity: "warning", where: targetsNamed(targets), message, remedy }];
    });
  });
}

/** Checks that a proxy never has under way at the same time. */
const plenty = 65_536;

function limit(
  facts: ClusterFacts,
  rule: LiveObject | undefined,
  subject: PreflightSubject,
): string | undefined {
  const { source, block } = inForce("connectionPool", facts, rule, subject);
  const set = ["http2MaxRequests", "http1MaxPendingRequests"].flatMap((field) => {
    const number = numberAt(block, "http", field);
    return number === undefined || number === 0 || number >= plenty ? [] : [`${field}: ${number}`];
  });
  return set.length === 0
    ? undefined
    : `${source} limits how many checks a proxy has under way at the agent (${set.join(", ")}). For each request ` +
        `over the limit the agent counts as away: ${withoutAnswer(subject)}.`;
}

function ejection(
  facts: ClusterFacts,
  rule: LiveObject | undefined,
  subject: PreflightSubject,
): string | undefined {
  const { source, block } = inForce("outlierDetection", facts, rule, subject);
  if (block === undefined) {
    return undefined;
  }
  // Envoy's own default; the other counts are off unless they are set.
  const consecutive = numberAt(block, "consecutive5xxErrors") ?? 5;
  const others = ["consecutiveGatewayErrors", "consecutiveLocalOriginFailures"];
  const counts = [consecutive, ...others.map((field) => numberAt(block, field) ?? 0)].filter(
    (one) => one > 0,
  );
  return counts.length === 0
    ? undefined
    : `${source} takes an agent out of use after ${Math.min(...counts)} failed checks in a row ` +
        `(outlierDetection). Where it was the only one: ${withoutAnswer(subject)}.`;
}

/** A block that a rule leaves out comes from the mesh configuration. */
function inForce(
  name: "connectionPool" | "outlierDetection",
  facts: ClusterFacts,
  rule: LiveObject | undefined,
  subject: PreflightSubject,
): { source: string; block: unknown } {
  const own = at(trafficPolicyOf(rule, subject.agent.port), name);
  if (rule !== undefined && own !== undefined) {
    return { source: `DestinationRule ${idOf(rule)}`, block: own };
  }
  const mesh = meshesOf(facts, subject).find(
    ({ config }) => at(config, "defaultTrafficPolicy", name) !== undefined,
  );
  return {
    source: `defaultTrafficPolicy in ConfigMap ${mesh?.configMap ?? ""}`,
    block: at(mesh?.config, "defaultTrafficPolicy", name),
  };
}

function remedyFor(rule: string): string {
  return (
    `${rule}:\n` +
    "      trafficPolicy:\n" +
    `        connectionPool: { http: { http2MaxRequests: ${plenty} } }\n` +
    "        outlierDetection: { consecutive5xxErrors: 0 }"
  );
}
