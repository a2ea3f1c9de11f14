import { at, listAt, namespaceOf } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import type { ClusterFacts } from "./clusterFacts";
import { completeHost, hostMatches } from "./hosts";
import type { PreflightSubject } from "./subject";
import { isExportedTo } from "./targetPods";

/** The DestinationRule by which proxies of a namespace ask the agent. */
export function agentRuleFor(
  facts: ClusterFacts,
  client: string,
  subject: PreflightSubject,
  root: string,
): LiveObject | undefined {
  const rules = (facts.destinationRules ?? []).filter((rule) =>
    hostMatches(completeHost(rule, subject.clusterDomain), subject.agent.host),
  );
  return ruleFor(rules, client, subject, root);
}

/** What a rule says of a port: settings of the port leave nothing of the others. */
export function trafficPolicyOf(rule: LiveObject | undefined, port: number): unknown {
  const policy = at(rule, "spec", "trafficPolicy");
  return listAt(policy, "portLevelSettings").find((entry) => at(entry, "port", "number") === port) ?? policy;
}

/** Where a DestinationRule has to be to come before this one. */
export function placeBefore(
  rule: LiveObject | undefined,
  { agent: { namespace } }: PreflightSubject,
  root: string,
): string {
  const place = rule === undefined ? root : namespaceOf(rule);
  return place === namespace || place === root
    ? `in namespace ${namespace}`
    : `in namespace ${place}, whose rules come first`;
}

/** Istio takes the rules of the caller's namespace first, then the service's, then the root's; in each the longest host. */
function ruleFor(
  rules: readonly LiveObject[],
  client: string,
  { agent, clusterDomain }: PreflightSubject,
  root: string,
): LiveObject | undefined {
  const places = client === root ? [agent.namespace, root] : [client, agent.namespace, root];
  for (const place of places) {
    const candidates = rules.filter((rule) => namespaceOf(rule) === place && isExportedTo(rule, client));
    const [closest] = [...candidates].sort(
      (one, other) => specificity(other, clusterDomain) - specificity(one, clusterDomain),
    );
    if (closest !== undefined) {
      return closest;
    }
  }
  return undefined;
}

function specificity(rule: LiveObject, clusterDomain: string): number {
  const host = completeHost(rule, clusterDomain);
  return host.startsWith("*") ? host.length : Number.MAX_SAFE_INTEGER;
}
