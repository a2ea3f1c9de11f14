import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { targetsNamed } from "../finding";
import type { Found } from "../finding";
import { agentRuleFor, ruleToWrite, trafficPolicyOf } from "../destinationRules";
import { idOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { rootNamespaceOf } from "../meshView";
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
  const breaking = new Map<LiveObject, string[]>();
  for (const target of subject.targets) {
    const rule = agentRuleFor(facts, target, subject, root);
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
  return {
    severity: subject.failOpen ? "warning" : "error",
    where: targetsNamed(targets),
    message:
      `DestinationRule ${idOf(rule)} makes its proxies speak TLS to the agent, which has no proxy of its own and ` +
      `would not understand them: ${withoutAnswer(subject)}.`,
    remedy: `${ruleToWrite(rule, subject, root)}: \`trafficPolicy.tls.mode: DISABLE\`.`,
  };
}

function usesTls(rule: LiveObject, port: number): boolean {
  const mode = textAt(trafficPolicyOf(rule, port), "tls", "mode");
  return mode !== undefined && mode !== "DISABLE";
}
