import type { PreflightCheck } from "../args/preflight";

/**
 * `error`: requests, pods or a part of the update would be refused, so nothing is created. `warning`: something would
 * go uninspected, or it is not certain.
 */
export type FindingSeverity = "error" | "warning";

/** Something in the cluster that the integration does not fit to. */
export interface Finding {
  /** The check that found it; its name can stand in `preflight.ignore`. */
  check: PreflightCheck;
  /** Whether it stops the run. */
  severity: FindingSeverity;
  /** What it is about: a target, an object of the cluster or an argument. */
  where: string;
  /** What is found, and what would happen to traffic. */
  message: string;
  /** The way out. */
  remedy: string;
}

/**
 * A finding in words.
 *
 * @param finding - The finding.
 */
export function describeFinding({ check, where, message, remedy }: Finding): string {
  return `${where}: ${message}\n    ${remedy} (check ${check})`;
}

/**
 * The findings that stop a run, as one message.
 *
 * @param name - Logical name of the component.
 * @param errors - At least one finding.
 */
export function describeErrors(name: string, errors: readonly Finding[]): string {
  const lines = errors.map((finding) => `  - ${describeFinding(finding)}`);
  return (
    `SigsciIstioIntegration "${name}": preflight stopped this run, nothing was changed.\n${lines.join("\n")}\n` +
    "  If a finding is wrong for this cluster, name its check in `preflight.ignore`."
  );
}

const shownAtMost = 5;

/**
 * Names in a sentence; more than five are counted.
 *
 * @param names - The names.
 */
export function named(names: readonly string[]): string {
  const rest = names.length - shownAtMost;
  return names.slice(0, shownAtMost).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
