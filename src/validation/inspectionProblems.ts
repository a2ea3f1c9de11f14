import { leafProblems } from "./known";
import type { ArgumentProblem } from "./problem";
import { goDuration } from "../kubernetes/syntax";
import type { InspectionArgs } from "../args/inspection";

const largestBody = 1024 * 1024;

/** The 4xx and 5xx codes of Envoy's enum StatusCode; Istio refuses any other. Source: Envoy, "HTTP status codes". */
const envoyErrorCodes: ReadonlySet<number> = new Set([
  ...Array.from({ length: 18 }, (_, index) => 400 + index),
  ...[421, 422, 423, 424, 426, 428, 429, 431],
  ...Array.from({ length: 9 }, (_, index) => 500 + index),
  ...[510, 511],
]);

/**
 * Reasons to refuse the inspection arguments.
 *
 * @param args - The arguments, of the declared types.
 * @param path - Where they stand.
 */
export function inspectionProblems(args: InspectionArgs, path = "inspection"): ArgumentProblem[] {
  const { body } = args;
  return [
    ...leafProblems(
      `${path}.timeout`,
      args.timeout,
      goDuration,
      'Write a number and a unit, for example "200ms".',
    ),
    ...leafProblems(
      `${path}.statusOnError`,
      args.statusOnError,
      (code) => (envoyErrorCodes.has(code) ? undefined : "Envoy knows no such error status"),
      "Use a 4xx or 5xx status that Envoy knows, for example 503.",
    ),
    ...leafProblems(
      `${path}.body.maxBytes`,
      body?.maxBytes,
      bodyLimit,
      "Use 1 to 1048576 bytes, or `enabled: false`.",
    ),
    ...headerListProblems(`${path}.requestHeadersToLog`, args.requestHeadersToLog),
    ...headerListProblems(`${path}.responseHeadersToLog`, args.responseHeadersToLog),
    ...headerListProblems(`${path}.responseTrailersToLog`, args.responseTrailersToLog),
    ...nonEmptyProblems(`${path}.keepAccessLogProviders`, args.keepAccessLogProviders),
    ...nonEmptyProblems(`${path}.filterStateObjectsToLog`, args.filterStateObjectsToLog),
    ...leafProblems(
      `${path}.logName`,
      args.logName,
      nonEmpty,
      "Give a name, or leave it out for Istio's own.",
    ),
  ];
}

/**
 * What is allowed but deserves a warning.
 *
 * @param args - The arguments, of the declared types.
 */
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

function bodyLimit(bytes: number): string | undefined {
  if (!Number.isInteger(bytes) || bytes < 1) {
    return "Envoy needs a whole number above 0";
  }
  return bytes > largestBody ? "more than 1 MiB would be held in memory for each request" : undefined;
}

function nonEmpty(value: string): string | undefined {
  return value.trim() === "" ? "it is empty" : undefined;
}

function nonEmptyProblems(path: string, values: readonly string[] | undefined): ArgumentProblem[] {
  return (values ?? []).flatMap((value, index) =>
    leafProblems(`${path}[${index}]`, value, nonEmpty, "Remove the empty entry."),
  );
}

function headerListProblems(path: string, headers: readonly string[] | undefined): ArgumentProblem[] {
  return (headers ?? []).flatMap((header, index) =>
    leafProblems(`${path}[${index}]`, header, headerName, "Write one header name, for example content-type."),
  );
}

/**
 * Why a text is no header name, or undefined. Source: RFC 9110, section 5.6.2.
 *
 * @param value - The text.
 */
export function headerName(value: string): string | undefined {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value) ? undefined : "it is no HTTP header name";
}
