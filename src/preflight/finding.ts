import { PreflightCheck } from "../args/preflight";

/**
 * `error`: requests, pods or a part of the update would be refused, so nothing is created. `warning`: something would
 * go uninspected, or it is not certain.
 */
export type FindingSeverity = "error" | "warning";

/** Something in the cluster that the integration does not fit to. */
export interface Found {
  /** Whether it stops the run. */
  severity: FindingSeverity;
  /** What it is about: a target, an object of the cluster or an argument. */
  where: string;
  /** What is found, and what would happen to traffic. */
  message: string;
  /** The way out. */
  remedy: string;
}

/** The same with the check that found it. */
export interface Finding extends Found {
  /** Name of the check. */
  check: PreflightCheck;
  /** Anchor of its paragraph in docs/preflight.md. */
  docs: string;
}

/** A finding in words. The docs are named by package: that is how they reach whoever reads the message. */
export function describeFinding({ check, docs, where, message, remedy }: Finding): string {
  return (
    `${where}: ${message}\n    ${remedy} (check ${check})\n` +
    `    See docs/preflight.md#${docs} of pulumi-sigsci-istio.`
  );
}

/** The findings that stop a run, as one message. */
export function describeErrors(component: string, errors: readonly Finding[]): string {
  const lines = errors.map((finding) => `  - ${describeFinding(finding)}`);
  const mayBeIgnored = errors.some(({ check }) => check !== PreflightCheck.Observing);
  return (
    `SigsciIstioIntegration "${component}": preflight stopped this run, nothing was changed.\n${lines.join("\n")}` +
    (mayBeIgnored ? "\n  If a finding is wrong for this cluster, name its check in `preflight.ignore`." : "")
  );
}

const shownAtMost = 5;

/** Names in a sentence; more than five are counted. */
export function named(names: readonly string[]): string {
  const rest = names.length - shownAtMost;
  return names.slice(0, shownAtMost).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** Targets as the subject of a finding. */
export function targetsNamed(targets: readonly string[]): string {
  return `${targets.length === 1 ? "target" : "targets"} ${named(targets)}`;
}
