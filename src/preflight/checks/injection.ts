import { containerName } from "../../agent/container";
import { Enforcement, Placement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import { TargetKind } from "../../args/targets";
import { nameOf, namespaceOf } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { restartCommands } from "../../kubernetes/restart";
import { agentPods, podsWithoutStreams, withoutStreams } from "../agentPods";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import { injectionIn, podsOfTargets } from "../targetPods";
import { hasProxy } from "../../kubernetes/injection";
import type { Injection } from "../../kubernetes/injection";
import { withoutAnswer } from "../subject";
import type { KnownTarget, PreflightSubject } from "../subject";

/** A pod without a proxy asks nobody, and one without an agent in it gets no answer. */
export const injection: Check = {
  check: PreflightCheck.Injection,
  title: "The selected pods have a proxy, and with Sidecar placement an agent.",
  needs: ["namespaces", "pods", "istiods", "injectionWebhooks", "meshConfigMaps"],
  docs: "injection",
  find: (facts, subject) =>
    [...(podsOfTargets(facts, subject) ?? [])].flatMap(([target, pods]) => [
      ...withoutProxy(facts, target, pods),
      ...withoutAgent(target, pods, subject),
    ]),
};

function withoutProxy(facts: ClusterFacts, target: KnownTarget, pods: readonly LiveObject[]): Found[] {
  if (target.kind === TargetKind.Waypoint) {
    return [];
  }
  const groups = new Map<string, { how: Injection; bare: LiveObject[] }>();
  for (const pod of pods) {
    const how = injectionIn(facts, namespaceOf(pod), pod);
    if (!hasProxy(pod) || how.proxy === "none") {
      const key = how.proxy === "none" ? how.reason : how.proxy;
      groups.set(key, { how, bare: [...(groups.get(key)?.bare ?? []), pod] });
    }
  }
  return [...groups.values()].map(({ how, bare }) => ({
    severity: "warning",
    where: `target ${target.name}`,
    message:
      `${count(bare, pods)} ${bare.some(hasProxy) ? "served past" : "without"} Istio's proxy ` +
      `(${named(bare.map(nameOf))}${how.proxy === "none" ? `; reason: ${how.reason}` : ""}): requests to ` +
      `${bare.length === 1 ? "it" : "them"} would pass without inspection.`,
    remedy: remedyFor(how),
  }));
}

function remedyFor(how: Injection): string {
  if (how.proxy === "ambient") {
    return "They are in ambient mode, where only a waypoint can inspect: make the waypoint the target.";
  }
  if (how.proxy !== "none") {
    return "Injection is on, but was not when they started: start them again.";
  }
  const [, known] = remedies.find(([start]) => how.reason.startsWith(start)) ?? [];
  return known ?? "Switch injection on for the namespace or the pods, and start them again.";
}

/** By the start of the reason why a pod has no proxy. */
const remedies: readonly (readonly [reason: string, remedy: string])[] = [
  [
    "hostNetwork",
    "Istio gives no sidecar to pods with `hostNetwork`: run them without it, or leave them out of the target.",
  ],
  [
    "no webhook",
    "Injection is asked for: compare the labels with the selectors of Istio's webhooks " +
      "(`kubectl get mutatingwebhookconfigurations --output yaml`).",
  ],
  ["Istio leaves", "Run them in another namespace."],
  ["gRPC", "Ask for another template in their annotation `inject.istio.io/templates`, and start them again."],
  ["traffic.sidecar", "Change that annotation of the pods, and start them again."],
];

function withoutAgent(target: KnownTarget, pods: readonly LiveObject[], subject: PreflightSubject): Found[] {
  // The component itself adds the agent to a workload that the target names.
  if (subject.placement !== Placement.Sidecar || target.workload !== undefined) {
    return [];
  }
  const { bare, carrying } = agentPods(pods, subject.admission.excludedPods);
  const where = `target ${target.name}`;
  const deaf = subject.enforcement === Enforcement.ExternalProcessing ? podsWithoutStreams(carrying) : [];
  return [
    ...(deaf.length === 0 ? [] : [toldOtherwise(where, pods, deaf, subject)]),
    ...(bare.length === 0
      ? []
      : [
          {
            severity: "warning" as const,
            where,
            message:
              `${count(bare, pods)} without a container ${containerName} (${named(bare.map(nameOf))}): until there is ` +
              `one, ${withoutAnswer(subject)}.`,
            remedy: subject.admission.injects
              ? `Once this run has ended, admission adds it to new pods; start these again: ${named(
                  restartCommands(bare).map((command) => `\`${command}\``),
                )}.`
              : "Add the agent with `withSigsciAgent` or `sigsciAgentTransform`, or name the workload in the target. If this " +
                "program does so in this run, nothing more needs to be done.",
          },
        ]),
  ];
}

/** An agent that was added for another enforcement. */
function toldOtherwise(
  where: string,
  pods: readonly LiveObject[],
  deaf: readonly LiveObject[],
  subject: PreflightSubject,
): Found {
  return {
    severity: "warning",
    where,
    message:
      `the agent of ${deaf.length} of ${pods.length} ${pods.length === 1 ? "pod" : "pods"} is ${withoutStreams} ` +
      `(${named(deaf.map(nameOf))}) and does not serve external processing: ${withoutAnswer(subject)}.`,
    remedy: subject.admission.injects
      ? `Once this run has ended, start these pods again: ${named(
          restartCommands(deaf).map((command) => `\`${command}\``),
        )}.`
      : "Give `withSigsciAgent` or `sigsciAgentTransform` what `sidecarAgent()` of the component returns, or " +
        "externalProcessing: true. If this program does so in this run, nothing more needs to be done.",
  };
}

function count(some: readonly unknown[], all: readonly unknown[]): string {
  return `${some.length} of ${all.length} ${all.length === 1 ? "pod" : "pods"} ${some.length === 1 ? "is" : "are"}`;
}
