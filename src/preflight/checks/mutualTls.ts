import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { targetsNamed } from "../finding";
import type { Found } from "../finding";
import { completeHost, hostMatches } from "../hosts";
import { at, idOf, listAt, namespaceOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { rootNamespaceOf } from "../meshView";
import { isExportedTo } from "../targetPods";
import { withoutAnswer } from "../subject";
import type { PreflightSubject } from "../subject";

/**
 * DestinationRules that make proxies speak TLS to the agent, whose pods have no proxy and understand plain HTTP/2
 * only. PeerAuthentication does not matter here: it is for the receiving proxy.
 */
export const mutualTls: Check = {
  check: PreflightCheck.MutualTls,
  title: "Proxies speak plain text to the agent, which has no proxy of its own.",
  needs: ["destinationRules", "istiods", "meshConfigMaps"],
  docs: "mutualtls",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const root = rootNamespaceOf(facts, subject);
  const rules = (facts.destinationRules ?? []).filter((rule) =>
    hostMatches(completeHost(rule, subject.clusterDomain), subject.agent.host),
  );
  const breaking = new Map<LiveObject, string[]>();
  for (const target of subject.targets) {
    const rule = ruleFor(rules, target.namespace, subject, root);
    if (rule !== undefined && usesTls(rule, subject.agent.port)) {
      breaking.set(rule, [...(breaking.get(rule) ?? []), target.name]);
    }
  }
  return [...breaking].map(([rule, targets]) => finding(rule, targets, subject, root));
}

function finding(
  rule: LiveObject,
  targets: readonly string[],
  subject: PreflightSubject,
  root: string,
): Found {
  const { host, namespace } = subject.agent;
  return {
    severity: subject.failOpen ? "warning" : "error",
    where: targetsNamed(targets),
    message:
      `DestinationRule ${idOf(rule)} makes its proxies speak TLS to the agent, which has no proxy of its own and ` +
      `would not understand them: ${withoutAnswer(subject)}.`,
    remedy:
      `Add a DestinationRule for ${host} with \`trafficPolicy.tls.mode: DISABLE\`, ` +
      (namespaceOf(rule) === namespace || namespaceOf(rule) === root
        ? `in namespace ${namespace}.`
        : `in namespace ${namespaceOf(rule)}, whose rules come first.`),
  };
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

function usesTls(rule: LiveObject, port: number): boolean {
  const policy = at(rule, "spec", "trafficPolicy");
  const ofPort = listAt(policy, "portLevelSettings").find((entry) => at(entry, "port", "number") === port);
  const mode = textAt(ofPort ?? policy, "tls", "mode");
  return mode !== undefined && mode !== "DISABLE";
}
