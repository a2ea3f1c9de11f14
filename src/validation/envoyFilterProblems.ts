import type { EnvoyFilterArgs } from "../args/envoyFilter";
import type { InspectionArgs } from "../args/inspection";
import type { ArgumentProblem } from "./problem";

/** Where the guide's form has a place for an argument; all others must be unset with it. */
const inGuideForm: ReadonlySet<string> = new Set<keyof EnvoyFilterArgs>([
  "guideCompatible",
  "connectTimeout",
  "statPrefix",
]);

/** Refuses the EnvoyFilter arguments that the guide's form has no place for. */
export function envoyFilterProblems(args: EnvoyFilterArgs, path = "envoyFilter"): ArgumentProblem[] {
  if (args.guideCompatible !== true) {
    return [];
  }
  return Object.entries(args)
    .filter(([name, value]) => value !== undefined && !inGuideForm.has(name))
    .map(([name, value]: [string, unknown]) => noPlace(`${path}.${name}`, value));
}

/** Refuses the inspection arguments that the guide's form has no place for. */
export function guideFormInspectionProblems(
  args: EnvoyFilterArgs,
  inspection: InspectionArgs,
  path = "inspection",
): ArgumentProblem[] {
  if (args.guideCompatible !== true) {
    return [];
  }
  const { statusOnError, body, filterStateObjectsToLog, responseTrailersToLog } = inspection;
  return [
    ...(statusOnError === undefined ? [] : [noPlace(`${path}.statusOnError`, statusOnError)]),
    ...(body?.packAsBytes === true ? [noPlace(`${path}.body.packAsBytes`, true)] : []),
    ...(filterStateObjectsToLog === undefined
      ? []
      : [noPlace(`${path}.filterStateObjectsToLog`, filterStateObjectsToLog)]),
    ...(responseTrailersToLog === undefined
      ? []
      : [noPlace(`${path}.responseTrailersToLog`, responseTrailersToLog)]),
  ];
}

function noPlace(path: string, value: unknown): ArgumentProblem {
  const reason = "the guide's EnvoyFilter (guideCompatible) has no place for it";
  return { path, value, reason, remedy: "Leave it out, or leave out guideCompatible." };
}
