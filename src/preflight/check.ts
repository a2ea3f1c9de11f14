import type { PreflightCheck } from "../args/preflight";
import type { ClusterFacts } from "./clusterFacts";
import type { Finding, Found } from "./finding";
import type { PreflightSubject } from "./subject";

/** A row of the table of checks. */
export interface Check {
  /** Its public name, which can stand in `preflight.ignore`. */
  check: PreflightCheck;
  /** What it makes sure of; the first sentence of its paragraph in the docs. */
  title: string;
  /** What it reads of the facts; nothing else is read for it. */
  needs: readonly (keyof ClusterFacts)[];
  /** Anchor of its paragraph in docs/preflight.md. */
  docs: string;
  /** What the component does not fit to. A fact that could not be read is missing, and nothing is said of it. */
  find: (facts: ClusterFacts, subject: PreflightSubject) => Found[];
}

/** What a check finds, under its name. */
export function findingsOf(
  { check, docs, find }: Check,
  facts: ClusterFacts,
  subject: PreflightSubject,
): Finding[] {
  return find(facts, subject).map((found) => ({ check, docs, ...found }));
}
