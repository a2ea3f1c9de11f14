import { Placement } from "../../args/integration";
import { containerName } from "../../agent/container";
import { TargetKind, TargetRefKind } from "../../args/targets";
import { PreflightCheck } from "../../args/preflight";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Finding } from "../finding";
import { at, containerNames, idOf, nameOf } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { hasProxy, isAmbient, podsOfTargets, workloadsOfTargets } from "../selection";
import { withoutAnswer } from "../subject";
import type { KnownTarget, PreflightSubject } from "../subject";

/**
 * Targets that select nothing, pods without a proxy that could ask, and with Sidecar placement pods without an agent.
 *
 * @param facts - The cluster.
 * @param subject - The component.
 */
export function workloadFindings(facts: ClusterFacts, subject: PreflightSubject): Finding[] {
  const pods = podsOfTargets(facts, subject);
  const workloads = workloadsOfTargets(facts, subject);
  return subject.targets.flatMap((target) => {
    if (target.targetRefs !== undefined) {
      return missingReferences(facts, target);
    }
    const selected = pods?.get(target);
    if (selected === undefined) {
      return [];
    }
    if (selected.length === 0) {
      return (workloads?.get(target)?.length ?? 0) > 0 ? [] : [nothingSelected(facts, target)];
    }
    return [...withoutProxy(target, selected), ...withoutAgent(target, selected, subject)];
  });
}

function nothingSelected({ namespaces }: ClusterFacts, target: KnownTarget): Finding {
  const isMissing = namespaces?.every((one) => nameOf(one) !== target.namespace) ?? false;
  const labels = Object.entries(target.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const what = labels.length === 0 ? "there is no pod" : `no pod has the labels ${labels.join(", ")}`;
  return {
    check: PreflightCheck.Workloads,
    severity: "warning",
    where: `target ${target.name}`,
    message: isMissing
      ? `there is no namespace ${target.namespace}: nothing would be inspected.`
      : `${what} in namespace ${target.namespace}: nothing would be inspected.`,
    remedy: isMissing
      ? "Check the name, or create the namespace before this component."
      : "Check `matchLabels` against the labels of the pods; if the workload comes later, nothing needs to be done.",
  };
}

function missingReferences(
  { gateways, services, serviceEntries }: ClusterFacts,
  target: KnownTarget,
): Finding[] {
  const lists: Partial<Record<TargetRefKind, readonly LiveObject[] | undefined>> = {
    [TargetRefKind.Gateway]: gateways,
    [TargetRefKind.Service]: services,
    [TargetRefKind.ServiceEntry]: serviceEntries,
  };
  return (target.targetRefs ?? [])
    .filter(({ kind, name }) => lists[kind]?.every((one) => idOf(one) !== `${target.namespace}/${name}`))
    .map(({ kind, name }) => ({
      check: PreflightCheck.Workloads,
      severity: "warning",
      where: `target ${target.name}`,
      message: `there is no ${kind} ${target.namespace}/${name}: nothing would be inspected there.`,
      remedy: "Check `targetRefs`; if it comes later, nothing needs to be done.",
    }));
}

function withoutProxy(target: KnownTarget, pods: readonly LiveObject[]): Finding[] {
  const bare = pods.filter((pod) => !hasProxy(pod) && target.kind !== TargetKind.Waypoint);
  if (bare.length === 0) {
    return [];
  }
  const ambient = bare.every(isAmbient);
  return [
    {
      check: PreflightCheck.Injection,
      severity: "warning",
      where: `target ${target.name}`,
      message:
        `${count(bare, pods)} without Istio's proxy (${named(bare.map(nameOf))}): requests to ` +
        `${bare.length === 1 ? "it" : "them"} would pass without inspection.`,
      remedy: ambient
        ? "They are in ambient mode, where only a waypoint can inspect: make the waypoint the target."
        : "Switch injection on for the namespace or the pods, and start them again.",
    },
  ];
}

function withoutAgent(
  target: KnownTarget,
  pods: readonly LiveObject[],
  subject: PreflightSubject,
): Finding[] {
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
          check: PreflightCheck.Injection,
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
