import type { BodyInspectionArgs, InspectionArgs } from "../args/inspection";

type WithoutDefault =
  | "statusOnError"
  | "responseTrailersToLog"
  | "filterStateObjectsToLog"
  | "logName"
  | "keepAccessLogProviders";

/** The inspection arguments with every default filled in; what is still optional is left to Istio and the mesh. */
export interface InspectionSettings
  extends Required<Omit<InspectionArgs, WithoutDefault>>, Pick<InspectionArgs, WithoutDefault> {
  /** What of the body is sent. */
  body: Required<BodyInspectionArgs>;
}

/**
 * Headers that join an access log entry with its check; the agent cannot do without them.
 *
 * Source: guide, "Define the external authorizer".
 */
export const requiredRequestHeaders: readonly string[] = ["x-sigsci-request-id", "x-sigsci-waf-response"];

/** Fills in every default. Nothing is checked here. */
export function inspectionSettings(args: InspectionArgs = {}): InspectionSettings {
  return {
    ...args,
    timeout: args.timeout ?? "200ms",
    failOpen: args.failOpen ?? true,
    body: {
      enabled: args.body?.enabled ?? true,
      maxBytes: args.body?.maxBytes ?? 100_000,
      allowPartial: args.body?.allowPartial ?? true,
      packAsBytes: args.body?.packAsBytes ?? true,
    },
    requestHeadersToLog: withRequired(
      args.requestHeadersToLog ?? ["accept", "content-type", "content-length"],
    ),
    responseHeadersToLog: args.responseHeadersToLog ?? ["date", "server", "content-type", "content-length"],
  };
}

function withRequired(headers: readonly string[]): string[] {
  const extra = headers.filter((header) => !requiredRequestHeaders.includes(header.toLowerCase()));
  return [...requiredRequestHeaders, ...extra];
}
