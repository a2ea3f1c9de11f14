import type { ArgumentProblem } from "../../validation/problem";
import type { InspectionArgs } from "../../args/inspection";
import type { EnvoyFilterArgs } from "../../args/envoyFilter";

const remedy = "Leave it out, or leave out guideCompatible.";

/** Where the guide's form has a place for an argument; all others must be unset with it. */
const inGuideForm: ReadonlySet<string> = new Set<keyof EnvoyFilterArgs>([
  "guideCompatible",
  "connectTimeout",
  "statPrefix",
]);

/**
 * The EnvoyFilter arguments that the guide's form has no place for.
 *
 * @param args - The arguments, of the declared types.
 * @param path - Where they stand.
 */
export function guideFormProblems(args: EnvoyFilterArgs, path: string): ArgumentProblem[] {
  if (args.guideCompatible !== true) {
    return [];
  }
  return Object.entries(args)
    .filter(([name, value]) => value !== undefined && !inGuideForm.has(name))
    .map(([name, value]: [string, unknown]) => noPlace(`${path}.${name}`, value));
}

/**
 * The inspection arguments that the guide's EnvoyFilter has no place for.
 *
 * @param args - The EnvoyFilter arguments.
 * @param inspection - The inspection arguments, of the declared types.
 * @param path - Where the inspection arguments stand.
 */
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
  return { path, value, reason: "the guide's EnvoyFilter (guideCompatible) has no place for it", remedy };
}
