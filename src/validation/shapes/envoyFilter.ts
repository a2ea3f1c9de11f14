import { AccessLogTransport, FilterPosition, GrpcInspection } from "../../args/envoyFilter";
import type { CircuitBreakersArgs, EnvoyFilterArgs } from "../../args/envoyFilter";
import { excludedPath, headerName } from "../conditionSyntax";
import { filled, flag, list, number, object, oneOf, text } from "../shape";
import type { Shape } from "../shape";
import { duration } from "./duration";

const largestInt32 = 2 ** 31 - 1;
const largestUint32 = 2 ** 32 - 1;
/** Envoy counts in millionths, so a percentage has four digits after its point. */
const stepsPerPercent = 10_000;

const counterName = text(
  word,
  "Use letters, digits, dots, hyphens and underscores, for example sigsci-agent.",
  "sigsci-agent",
);
const breaker = number(limit, "Use 1 to 4294967295, for example 65536.", 65536);
/** The name of a header, or its beginning. */
export const headerStart = text(
  (header) => headerName(header.endsWith("*") ? header.slice(0, -1) : header),
  "Write one header name, for example user-agent, or its beginning, for example x-*.",
  "user-agent",
);
const headerNames = entries(headerStart);

/** Shape of the EnvoyFilter arguments. */
export const envoyFilterShape = object<EnvoyFilterArgs>({
  fields: {
    guideCompatible: flag,
    priority: number(int32, "Use a whole number, for example 10.", 10),
    position: oneOf({ FilterPosition }),
    rolloutPercent: number(percent, "Use 0 to 100, for example 25.", 25),
    rolloutRuntimeKey: counterName,
    excludedPaths: entries(
      text(excludedPath, "Start with / and use * at one end only, for example /static/*.", "/static/*"),
    ),
    grpc: oneOf({ GrpcInspection }),
    failOpenHeader: flag,
    statPrefix: counterName,
    clearRouteCache: flag,
    includePeerCertificate: flag,
    allowedHeaders: headerNames,
    disallowedHeaders: headerNames,
    encodeRawHeaders: flag,
    accessLogTransport: oneOf({ AccessLogTransport }),
    logUncheckedRequests: flag,
    connectTimeout: duration("500ms"),
    circuitBreakers: object<CircuitBreakersArgs>({
      fields: {
        maxConnections: breaker,
        maxPendingRequests: breaker,
        maxRequests: breaker,
        maxRetries: breaker,
      },
    }),
  },
});

function entries(entry: Shape): Shape {
  return filled(list(entry), "the list is empty", "Leave it out.");
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
  if (value < 0 || value > 100) {
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
