import type { Finding } from "./finding";
import type { Waiver } from "./waivers";

/** Whether a waiver is for a finding. */
export function isWaivedBy(finding: Finding, waiver: Waiver): boolean {
  return (
    finding.judge === waiver.judge &&
    waiver.checks.includes(finding.check) &&
    finding.container === waiver.container &&
    pattern(waiver.objects).test(finding.object)
  );
}

/** Those findings that no waiver is for. */
export function notWaived(findings: readonly Finding[], waivers: readonly Waiver[]): Finding[] {
  return findings.filter((finding) => !waivers.some((waiver) => isWaivedBy(finding, waiver)));
}

/** A waiver for each check that is waived although nobody finds it. */
export function leftOver(findings: readonly Finding[], waivers: readonly Waiver[]): Waiver[] {
  return waivers
    .flatMap((waiver) => waiver.checks.map((check) => ({ ...waiver, checks: [check] })))
    .filter((waiver) => !findings.some((finding) => isWaivedBy(finding, waiver)));
}

function pattern(objects: string): RegExp {
  const literal = objects.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join("[^ /]*")}$`);
}
