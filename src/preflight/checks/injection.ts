import { containerName } from "../../agent/container";
import { Placement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import { TargetKind } from "../../args/targets";
import { at, containerNames, nameOf, namespaceOf } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
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
  const bare = pods.filter((pod) => !hasProxy(pod) && target.kind !== TargetKind.Waypoint);
  if (bare.length === 0) {
    return [];
  }
  const asked = new Set(bare.map((pod) => injectionIn(facts, namespaceOf(pod), pod).proxy));
  return [
    {
      severity: "warning",
      where: `target ${target.name}`,
      message:
        `${count(bare, pods)} without Istio's proxy (${named(bare.map(nameOf))}): requests to ` +
        `${bare.length === 1 ? "it" : "them"} would pass without inspection.`,
      remedy: remedyFor(asked),
    },
  ];
}

function remedyFor(asked: ReadonlySet<Injection["proxy"]>): string {
  const [only, ...others] = asked;
  if (only === "ambient" && others.length === 0) {
    return "They are in ambient mode, where only a waypoint can inspect: make the waypoint the target.";
  }
  if (only === "sidecar" && others.length === 0) {
    return "Injection is on, but was not when they started: start them again.";
  }
  return "Switch injection on for the namespace or the pods, and start them again.";
}

function withoutAgent(target: KnownTarget, pods: readonly LiveObject[], subject: PreflightSubject): Found[] {
  // The component itself adds the agent to a workload that the target names.
  if (subject.placement !== Placement.Sidecar || target.workload !== undefined) {
    return [];
  }
  const bare = pods.filter(
    (pod) => hasProxy(pod) && !containerNames(at(pod, "spec")).includes(containerName),
  );
  return bare.length === 0
    ? []
    : [
        {
          severity: "warning",
          where: `target ${target.name}`,
          message:
            `${count(bare, pods)} without a container ${containerName} (${named(bare.map(nameOf))}): until there is ` +
            `one, ${withoutAnswer(subject)}.`,
          remedy:
            "Add the agent with `withSigsciAgent` or `sigsciAgentTransform`, or name the workload in the target. If this " +
            "program does so in this run, nothing more needs to be done.",
        },
      ];
}

function count(some: readonly unknown[], all: readonly unknown[]): string {
  return `${some.length} of ${all.length} ${all.length === 1 ? "pod" : "pods"} ${some.length === 1 ? "is" : "are"}`;
}
