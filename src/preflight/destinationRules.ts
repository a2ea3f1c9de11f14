import { at, hasLabels, listAt, namespaceOf, textMapAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import type { ClusterFacts } from "./clusterFacts";
import { completeHost, hostMatches } from "./hosts";
import type { KnownTarget, PreflightSubject } from "./subject";
import { isExportedTo } from "./targetPods";

/** The DestinationRule by which the proxies of a target ask the agent. */
export function agentRuleFor(
  facts: ClusterFacts,
  { namespace, matchLabels = {} }: KnownTarget,
  subject: PreflightSubject,
  root: string,
): LiveObject | undefined {
  const rules = (facts.destinationRules ?? []).filter(
    (rule) =>
      hostMatches(completeHost(rule, subject.clusterDomain), subject.agent.host) &&
      hasLabels(matchLabels, textMapAt(rule, "spec", "workloadSelector", "matchLabels")),
  );
  return ruleFor(rules, namespace, subject, root);
}

/** What a rule says of a port: settings of the port leave nothing of the others. */
export function trafficPolicyOf(rule: LiveObject | undefined, port: number): unknown {
  const policy = at(rule, "spec", "trafficPolicy");
  return listAt(policy, "portLevelSettings").find((entry) => at(entry, "port", "number") === port) ?? policy;
}

/** Which DestinationRule decides for the agent alone. Of two for one host in a namespace Istio takes the older one. */
export function ruleToWrite(
  rule: LiveObject | undefined,
  { agent: { host, namespace }, clusterDomain }: PreflightSubject,
  root: string,
): string {
  if (rule !== undefined && completeHost(rule, clusterDomain) === host) {
    return "Change that DestinationRule";
  }
  const place = rule === undefined ? root : namespaceOf(rule);
  return place === namespace || place === root
    ? `Add a DestinationRule for ${host} in namespace ${namespace}`
    : `Add a DestinationRule for ${host} in namespace ${place}, whose rules come first`;
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
