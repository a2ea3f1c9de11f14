import type { InspectionArgs } from "../args/inspection";

/** What is allowed of inspection but deserves a warning. */
export function inspectionWarnings(args: InspectionArgs): string[] {
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
  if (args.failOpen === false) {
    warnings.push(
      "inspection.failOpen is false: while the agent cannot answer in time, every request of the targets is refused " +
        `with ${args.statusOnError ?? 403}.`,
    );
  }
  return warnings;
}
