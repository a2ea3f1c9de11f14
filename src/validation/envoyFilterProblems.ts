import { leafProblems } from "./known";
import type { Check } from "./known";
import type { ArgumentProblem } from "./problem";
import { goDuration } from "../kubernetes/syntax";
import { pathPattern } from "./conditionSyntax";
import { headerName } from "./inspectionProblems";
import type { EnvoyFilterArgs } from "../args/envoyFilter";
import type { InspectionArgs } from "../args/inspection";

const largestInt32 = 2 ** 31 - 1;
const largestUint32 = 2 ** 32 - 1;
/** Envoy counts in millionths, so a percentage has four digits after its point. */
const stepsPerPercent = 10_000;

/** Where the guide's form has a place for an argument; all others must be unset with it. */
const inGuideForm: ReadonlySet<string> = new Set<keyof EnvoyFilterArgs>([
  "guideCompatible",
  "connectTimeout",
  "statPrefix",
]);

/**
 * Reasons to refuse the EnvoyFilter arguments.
 *
 * @param args - The arguments, of the declared types.
 * @param path - Where they stand.
 */
export function envoyFilterProblems(args: EnvoyFilterArgs, path = "envoyFilter"): ArgumentProblem[] {
  const prefix = "Use letters, digits, dots, hyphens and underscores, for example sigsci-agent.";
  return [
    ...leafProblems(`${path}.priority`, args.priority, int32, "Use a whole number, for example 10."),
    ...leafProblems(`${path}.rolloutPercent`, args.rolloutPercent, percent, "Use 0 to 100, for example 25."),
    ...leafProblems(`${path}.rolloutRuntimeKey`, args.rolloutRuntimeKey, word, prefix),
    ...leafProblems(`${path}.statPrefix`, args.statPrefix, word, prefix),
    ...leafProblems(
      `${path}.connectTimeout`,
      args.connectTimeout,
      goDuration,
      'Write a number and a unit, for example "500ms".',
    ),
    ...circuitBreakerProblems(args, path),
    ...listProblems(
      `${path}.excludedPaths`,
      args.excludedPaths,
      excludedPath,
      "Start with / and use * at one end only, for example /static/*.",
    ),
    ...headerProblems(`${path}.allowedHeaders`, args.allowedHeaders),
    ...headerProblems(`${path}.disallowedHeaders`, args.disallowedHeaders),
    ...guideFormProblems(args, path),
  ];
}

function circuitBreakerProblems({ circuitBreakers }: EnvoyFilterArgs, path: string): ArgumentProblem[] {
  return Object.entries(circuitBreakers ?? {}).flatMap(([name, value]: [string, number | undefined]) =>
    leafProblems(`${path}.circuitBreakers.${name}`, value, limit, "Use 1 to 4294967295, for example 65536."),
  );
}

function headerProblems(path: string, headers: readonly string[] | undefined): ArgumentProblem[] {
  return listProblems(
    path,
    headers,
    (header) => headerName(header.endsWith("*") ? header.slice(0, -1) : header),
    "Write one header name, for example user-agent, or its beginning, for example x-*.",
  );
}

function listProblems(
  path: string,
  values: readonly string[] | undefined,
  check: Check<string>,
  remedy: string,
): ArgumentProblem[] {
  return values?.length === 0
    ? [{ path, value: values, reason: "the list is empty", remedy: "Leave it out." }]
    : (values ?? []).flatMap((value, index) => leafProblems(`${path}[${index}]`, value, check, remedy));
}

function int32(value: number): string | undefined {
  return Number.isInteger(value) && value >= -largestInt32 - 1 && value <= largestInt32
    ? undefined
    : "Istio takes a 32-bit whole number";
}

function limit(value: number): string | undefined {
  if (!Number.isInteger(value) || value < 1) {
    return "a limit is a whole number above 0";
  }
  return value > largestUint32 ? "Envoy counts in 32 bits" : undefined;
}

function percent(value: number): string | undefined {
  if (!(value >= 0 && value <= 100)) {
    return "a share is from 0 to 100";
  }
  // 12.3456 * 10000 is not exact, hence the comparison of the value with its rounded form.
  return Math.round(value * stepsPerPercent) / stepsPerPercent === value
    ? undefined
    : "Envoy draws in steps of 0.0001 percent";
}

function word(value: string): string | undefined {
  return /^[\w.-]+$/.test(value)
    ? undefined
    : "it is empty or has characters that names of counters cannot have";
}

function excludedPath(value: string): string | undefined {
  return value === "*" ? "no request would be inspected" : pathPattern(value);
}

/**
 * The EnvoyFilter arguments that the guide's form has no place for.
 *
 * @param args - The arguments, of the declared types.
 * @param path - Where they stand.
 */
function guideFormProblems(args: EnvoyFilterArgs, path: string): ArgumentProblem[] {
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
  const reason = "the guide's EnvoyFilter (guideCompatible) has no place for it";
  return { path, value, reason, remedy: "Leave it out, or leave out guideCompatible." };
}
