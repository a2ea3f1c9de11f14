import { Enforcement } from "../args/integration";

/** A target whose policy has no effect yet, since too few of its pods carry the agent. */
export interface HeldBackTarget {
  /** How many of its running pods with a proxy carry an agent that answers. */
  carrying: number;
  /** How many there are. */
  pods: number;
}

/** The targets that are held back, by name. */
export type HeldBackTargets = Readonly<Record<string, HeldBackTarget>>;

/** Key of the annotation of a policy without effect that is held back; its value is {@link heldBackUntil}. */
export const heldBackAnnotation = "pulumi-sigsci-istio/held-back";

const streamingAgent = "an agent that serves external processing";

/** What the pods of a target need, for people. */
function neededAgent(enforcement: Enforcement): string {
  return enforcement === Enforcement.ExternalProcessing ? streamingAgent : "the agent";
}

/** Until when a target is held back, for people. The same in each run, so that no run differs by counts. */
export function heldBackUntil(percent: number, enforcement: Enforcement): string {
  return `until ${percent} % of its pods carry ${neededAgent(enforcement)} (sidecar.enforceFromPercent)`;
}

/** Whether a target waits for agents that serve external processing, by what {@link heldBackUntil} says of it. */
export function waitsForStreams(until: string): boolean {
  return until.includes(streamingAgent);
}

/** How far a target is, for people. */
export function shareOfPods({ carrying, pods }: HeldBackTarget, enforcement: Enforcement): string {
  return `${carrying} of ${pods} running ${pods === 1 ? "pod carries" : "pods carry"} ${neededAgent(enforcement)}`;
}
