/**
 * What makes a change dangerous, the worst first: somebody loses inspection, or a part of it; requests are refused when
 * the agent does not answer; the mesh text changes.
 */
export const dangers = ["lost", "closed", "mesh"] as const;

/** One of the {@link dangers}. */
export type Danger = (typeof dangers)[number];
