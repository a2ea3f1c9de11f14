import { containerName } from "../agent/container";
import type { ExcludedPodsArgs } from "../args/sidecar";
import { hasProxy, isWaypoint } from "../kubernetes/injection";
import { at, containerNames, hasLabels, labelsOf } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";

/** Pods that need an agent in them, by whether they carry it. */
export interface AgentPods {
  /** With the agent. */
  carrying: readonly LiveObject[];
  /** Without it. */
  bare: readonly LiveObject[];
}

/**
 * Which of some pods carry the agent. Those without a proxy have nobody who would ask it, and no selector reaches
 * waypoints.
 *
 * @param excluded - Those that stay without it.
 */
export function agentPods(
  pods: readonly LiveObject[],
  excluded: readonly ExcludedPodsArgs[] = [],
): AgentPods {
  const counted = pods.filter(
    (pod) =>
      hasProxy(pod) &&
      !isWaypoint(pod) &&
      !excluded.some(({ matchLabels }) => hasLabels(labelsOf(pod), matchLabels)),
  );
  const carries = (pod: LiveObject): boolean => containerNames(at(pod, "spec")).includes(containerName);
  return { carrying: counted.filter(carries), bare: counted.filter((pod) => !carries(pod)) };
}
