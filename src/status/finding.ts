/**
 * What may be wrong with a target, a workload or a pod; each has a paragraph of its name in docs/troubleshooting.md.
 */
export type FindingId =
  | "no-proxy"
  | "pod-not-restarted"
  | "ambient-without-waypoint"
  | "no-policy-in-the-proxy"
  | "provider-missing"
  | "other-revision"
  | "no-endpoint"
  | "refused-by-the-proxy"
  | "filter-dropped"
  | "asks-about-none"
  | "selects-nothing"
  | "two-authorizers"
  | "two-enforcements"
  | "agent-missing-in-pod"
  | "excluded-pod"
  | "held-back"
  | "not-connected"
  | "not-seen"
  | "stats-disagree";

/** What is wrong, in words. */
export interface Finding {
  readonly id: FindingId;
  /** Completes "NOT inspected: …". */
  readonly text: string;
}

/** Whether a finding says that something could not be seen, and not that it is wrong. */
export function isUnseen({ id }: Finding): boolean {
  return id === "not-seen";
}
