import { Enforcement } from "../args/integration";
import type { InspectionArgs } from "../args/inspection";
import type { TargetArgs } from "../args/targets";
import { goDurationNanoseconds } from "../kubernetes/syntax";
import { observes } from "../settings/inspection";

/** A wait for the agent that users of an application take for an outage. */
const longNanoseconds = 5e9;

/**
 * What is allowed of inspection but deserves a warning.
 *
 * @param targets - Of which those that observe refuse nothing.
 */
export function inspectionWarnings(
  args: InspectionArgs,
  targets: readonly TargetArgs[] = [],
  enforcement = Enforcement.AuthorizationPolicy,
): string[] {
  const warnings: string[] = [];
  if (args.body?.allowPartial === false && args.body.enabled !== false) {
    warnings.push(
      "inspection.body.allowPartial is false: Envoy answers every request with a body over " +
        `${args.body.maxBytes ?? 100_000} bytes with 413, also with failOpen.`,
    );
  }
  if (args.body?.packAsBytes === false) {
    warnings.push("inspection.body.packAsBytes is false: bodies that are not UTF-8 reach the agent mangled.");
  }
  if ((goDurationNanoseconds(args.timeout ?? "") ?? 0) > longNanoseconds) {
    warnings.push(
      `inspection.timeout is ${args.timeout}: while the agent is silent, every request waits that long, also with ` +
        "failOpen. The default is 200ms.",
    );
  }
  if (args.failOpen === false) {
    warnings.push(failClosedWarning(args, targets, enforcement));
  }
  return warnings;
}

function failClosedWarning(
  args: InspectionArgs,
  targets: readonly TargetArgs[],
  enforcement: Enforcement,
): string {
  const observed = targets.filter((target) => observes(args, target));
  if (observed.length > 0 && observed.length === targets.length) {
    return "inspection.failOpen is false, which has no effect while every target observes: no request is refused.";
  }
  return (
    "inspection.failOpen is false: while the agent cannot answer in time, every request of the targets " +
    `${observed.length > 0 ? "that block " : ""}is refused with ${args.statusOnError ?? 403}` +
    (enforcement === Enforcement.ExternalProcessing
      ? ", or with 504 when the agent can be reached and is silent."
      : ".")
  );
}
