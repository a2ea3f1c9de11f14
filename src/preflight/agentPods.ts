import { containerName } from "../agent/container";
import { optionVariable } from "../agent/optionCatalogue";
import type { ExcludedPodsArgs } from "../args/sidecar";
import { hasProxy, isWaypoint } from "../kubernetes/injection";
import { isExcluded } from "../enforcement/excludedPods";
import { at, containerNames, labelsOf, listAt, textAt } from "../kubernetes/liveObject";
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
    (pod) => hasProxy(pod) && !isWaypoint(pod) && !isExcluded(labelsOf(pod), excluded),
  );
  return { carrying: counted.filter(carriesAgent), bare: counted.filter((pod) => !carriesAgent(pod)) };
}

/**
 * The pods that a target which is held back waits for: without the agent, or with one that would not answer.
 *
 * @param needsStreams - Whether the proxies ask by external processing.
 */
export function awaitedPods({ carrying, bare }: AgentPods, needsStreams: boolean): LiveObject[] {
  return [...bare, ...(needsStreams ? podsWithoutStreams(carrying) : [])];
}

/** Whether a pod, or a template of pods, has the agent in it. */
export function carriesAgent(pod: unknown): boolean {
  return containerNames(at(pod, "spec")).includes(containerName);
}

const streamsVariable = optionVariable("envoy-extproc-enabled");

/** What is wrong with an agent that is asked by external processing and was not told so. */
export const withoutStreams = `without ${streamsVariable}`;

/**
 * Whether an agent's container may serve external processing, which is off by the agent's default. What its environment
 * takes from a ConfigMap or a Secret is not seen.
 */
export function mayServeStreams(container: unknown): boolean {
  const isSet = (variable: unknown): boolean => textAt(variable, "name") === streamsVariable;
  return listAt(container, "envFrom").length > 0 || listAt(container, "env").some(isSet);
}

/** The pods whose agent does not serve external processing. */
export function podsWithoutStreams(pods: readonly LiveObject[]): LiveObject[] {
  return pods.filter((pod) => {
    const agents = [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")].filter(
      (container) => textAt(container, "name") === containerName,
    );
    return !agents.some(mayServeStreams);
  });
}
