import { BodyMode } from "../args/externalProcessing";
import type { EnvoyFilterArgs } from "../args/envoyFilter";
import type { InspectionArgs } from "../args/inspection";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { externalProcessingSettings } from "../settings/externalProcessing";
import type { ArgumentProblem } from "./problem";

const leaveOut = "Leave it out.";
const noAccessLog =
  "with enforcement ExternalProcessing the response reaches the agent on the stream of its request";
const noField = "Envoy's external processing has no field for it";

/** Arguments of the filter that external processing has no place for, each with the reason. */
const filterReasons: Partial<Record<keyof EnvoyFilterArgs, string>> = {
  guideCompatible: "the guide's EnvoyFilter asks by ext_authz",
  failOpenHeader: noField,
  includePeerCertificate: noField,
  encodeRawHeaders: noField,
  accessLogTransport: `${noAccessLog}, so there is no access log to send`,
  logUncheckedRequests: `${noAccessLog}, so there is no access log to send`,
};

/** The same for the arguments of inspection. */
const inspectionReasons: Partial<Record<keyof InspectionArgs, string>> = {
  requestHeadersToLog: `${noAccessLog}, with all headers`,
  responseHeadersToLog: `${noAccessLog}, with all headers`,
  responseTrailersToLog: noAccessLog,
  filterStateObjectsToLog: noAccessLog,
  logName: noAccessLog,
  keepAccessLogProviders:
    "with enforcement ExternalProcessing nothing takes the place of the mesh's access logs",
};

/** Reasons to refuse arguments with enforcement ExternalProcessing. */
export function externalProcessingProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { inspection = {}, envoyFilter = {}, externalProcessing = {}, agent } = args;
  const { responseBody = BodyMode.None } = externalProcessing;
  return [
    ...refused(envoyFilter, filterReasons, "envoyFilter"),
    ...refused(inspection, inspectionReasons, "inspection"),
    ...(inspection.body === undefined
      ? []
      : [
          {
            path: "inspection.body",
            value: inspection.body,
            reason:
              "with enforcement ExternalProcessing, externalProcessing.requestBody says what of a body is sent",
            remedy: 'Leave it out, or write externalProcessing: { requestBody: "Buffered" }.',
          },
        ]),
    ...(agent?.expectResponseData === false && responseBody !== BodyMode.None
      ? [
          {
            path: "externalProcessing.responseBody",
            value: responseBody,
            reason: "agent.expectResponseData is false, so the agent is told nothing of a response",
            remedy: "Leave one of them out.",
          },
        ]
      : []),
  ];
}

/** What is allowed but deserves a warning. */
export function externalProcessingWarnings({ externalProcessing }: SigsciIstioIntegrationArgs): string[] {
  const { requestBody, responseBody } = externalProcessingSettings(externalProcessing);
  const path = "externalProcessing";
  return [
    ...(requestBody === BodyMode.Buffered
      ? [
          `${path}.requestBody is Buffered: Envoy answers every request with a body over its buffer, 1 MiB by default, ` +
            "with 413, also with failOpen.",
        ]
      : []),
    ...(requestBody === BodyMode.BufferedPartial
      ? [
          `${path}.requestBody is BufferedPartial: with Envoy 1.40, many uploads that are a little longer than its ` +
            "buffer, 1 MiB by default, hang.",
        ]
      : []),
    ...(responseBody === BodyMode.Buffered || responseBody === BodyMode.BufferedPartial
      ? [
          `${path}.responseBody is ${responseBody}: responses are held until they are complete, so server-sent events ` +
            "and other streams hang.",
        ]
      : []),
  ];
}

function refused<T extends object>(
  given: T,
  reasons: Partial<Record<keyof T, string>>,
  path: string,
): ArgumentProblem[] {
  // The keys are those of the reasons.
  return (Object.keys(reasons) as (keyof T & string)[]).flatMap((field) => {
    const value: unknown = given[field];
    const reason = reasons[field];
    // What is switched off asks for nothing.
    return value === undefined || value === false || reason === undefined
      ? []
      : [{ path: `${path}.${field}`, value, reason, remedy: leaveOut }];
  });
}
