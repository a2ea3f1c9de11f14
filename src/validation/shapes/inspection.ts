import { InspectionMode } from "../../args/inspection";
import type { BodyInspectionArgs, InspectionArgs } from "../../args/inspection";
import { headerName } from "../conditionSyntax";
import { day } from "./day";
import { flag, list, number, object, oneOf, text } from "../shape";
import { duration } from "./duration";

const largestBody = 1024 * 1024;

/** The 4xx and 5xx codes of Envoy's enum StatusCode; Istio refuses any other. Source: Envoy, "HTTP status codes". */
const envoyErrorCodes: ReadonlySet<number> = new Set([
  ...Array.from({ length: 18 }, (_, index) => 400 + index),
  ...[421, 422, 423, 424, 426, 428, 429, 431],
  ...Array.from({ length: 9 }, (_, index) => 500 + index),
  ...[510, 511],
]);

const headers = list(text(headerName, "Write one header name, for example content-type.", "content-type"));
const names = list(text(nonEmpty, "Remove the empty entry.", "envoy"));

/** Shape of the arguments of inspection. */
export const inspectionShape = object<InspectionArgs>({
  fields: {
    timeout: duration("200ms"),
    mode: oneOf({ InspectionMode }),
    observeUntil: day,
    failOpen: flag,
    statusOnError: number(
      (code) => (envoyErrorCodes.has(code) ? undefined : "Envoy knows no such error status"),
      "Use a 4xx or 5xx status that Envoy knows, for example 503.",
      503,
    ),
    body: object<BodyInspectionArgs>({
      fields: {
        enabled: flag,
        maxBytes: number(bodyLimit, "Use 1 to 1048576 bytes, or `enabled: false`.", 100_000),
        allowPartial: flag,
        packAsBytes: flag,
      },
    }),
    requestHeadersToLog: headers,
    responseHeadersToLog: headers,
    responseTrailersToLog: headers,
    filterStateObjectsToLog: names,
    logName: text(nonEmpty, "Give a name, or leave it out for Istio's own."),
    keepAccessLogProviders: names,
  },
});

function bodyLimit(bytes: number): string | undefined {
  if (!Number.isInteger(bytes) || bytes < 1) {
    return "Envoy needs a whole number above 0";
  }
  return bytes > largestBody ? "more than 1 MiB would be held in memory for each request" : undefined;
}

function nonEmpty(value: string): string | undefined {
  return value.trim() === "" ? "it is empty" : undefined;
}
