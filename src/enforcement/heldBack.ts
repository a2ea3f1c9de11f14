/** A target whose policy has no effect yet, since too few of its pods carry the agent. */
export interface HeldBackTarget {
  /** How many of its running pods with a proxy carry the agent. */
  carrying: number;
  /** How many there are. */
  pods: number;
}

/** The targets that are held back, by name. */
export type HeldBackTargets = Readonly<Record<string, HeldBackTarget>>;

/** Key of the annotation of a policy without effect that is held back; its value is {@link heldBackUntil}. */
export const heldBackAnnotation = "pulumi-sigsci-istio/held-back";

/** Until when a target is held back, for people. The same in each run, so that no run differs by counts. */
export function heldBackUntil(percent: number): string {
  return `until ${percent} % of its pods carry the agent (sidecar.enforceFromPercent)`;
}

/** How far a target is, for people. */
export function shareOfPods({ carrying, pods }: HeldBackTarget): string {
  return `${carrying} of ${pods} running ${pods === 1 ? "pod carries" : "pods carry"} the agent`;
}
