import type { InspectionSettings } from "../../settings/inspection";
import { envoyGrpc, googleGrpc } from "./agentAddress";
import type { AgentAddress } from "./agentAddress";
import { AccessLogTransport } from "../../args/envoyFilter";
import { protobufDuration } from "./duration";
import { connectionManager, connectionManagerType } from "./envoyFilterTypes";
import type { EnvoyValue } from "./envoyFilterTypes";
import type { RequestGroup } from "./requestSelection";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/**
 * Name of the log unless another is given.
 *
 * Source: guide, "Adding the Istio EnvoyFilter object".
 */
export const defaultLogName = "sigsci-agent-grpc";

/**
 * Entries that are sent together at most; what is gathered is sent after a second in any case. Fewer, larger messages
 * cost the proxy and the agent less than with Envoy's own 16 KiB. One still fits into the 64 KiB that HTTP/2 lets a
 * receiver owe, so that a check on the same connection never waits for the agent to read the log.
 */
const bufferBytes = 49_152;

/**
 * An access log that sends entries to the agent, to be merged into the HTTP connection manager. Merging appends to
 * the logs that are there.
 */
export function accessLogPatch(
  agent: AgentAddress,
  inspection: InspectionSettings,
  settings: EnvoyFilterSettings,
  groups: readonly RequestGroup[],
): EnvoyValue {
  const client =
    settings.accessLogTransport === AccessLogTransport.GoogleGrpc
      ? { google_grpc: googleGrpc(agent, settings.statPrefix) }
      : { envoy_grpc: envoyGrpc(agent) };
  const log = {
    name: "envoy.access_loggers.http_grpc",
    ...(settings.logUncheckedRequests ? {} : { filter: wasChecked(groups) }),
    typed_config: logConfig(client, inspection, { buffer_size_bytes: bufferBytes }),
  };
  return connectionManagerWith({ access_log: [log] });
}

/**
 * A request that is refused before it is compared with the rules has no mark, and was not checked. Where there are no
 * marks, only tunnels are not checked: the log is also merged where they are opened.
 */
function wasChecked(groups: readonly RequestGroup[]): EnvoyValue | undefined {
  const marks = groups.flatMap(({ mark }) => mark ?? []);
  const filters = marks.map((matcher) => ({
    metadata_filter: { matcher, match_if_key_not_found: false },
  }));
  if (filters.length === 0) {
    const isTunnel = { name: ":method", string_match: { exact: "CONNECT" } };
    return { header_filter: { header: { ...isTunnel, invert_match: true } } };
  }
  return filters.length > 1 ? { or_filter: { filters } } : filters[0];
}

/** The connection manager with some fields and nothing else. */
export function connectionManagerWith(fields: EnvoyValue): EnvoyValue {
  return { name: connectionManager, typed_config: { "@type": connectionManagerType, ...fields } };
}

/**
 * Configuration of a gRPC access log.
 *
 * @param buffering - Fields of `common_config` about how entries are gathered.
 */
export function logConfig(
  client: EnvoyValue,
  inspection: InspectionSettings,
  buffering: EnvoyValue = {},
): EnvoyValue {
  const { logName, filterStateObjectsToLog, responseTrailersToLog } = inspection;
  return {
    "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
    common_config: {
      log_name: logName ?? defaultLogName,
      transport_api_version: "V3",
      grpc_service: { ...client, timeout: protobufDuration(inspection.timeout) },
      ...buffering,
      ...(filterStateObjectsToLog === undefined
        ? {}
        : { filter_state_objects_to_log: [...filterStateObjectsToLog] }),
    },
    additional_request_headers_to_log: [...inspection.requestHeadersToLog],
    additional_response_headers_to_log: [...inspection.responseHeadersToLog],
    ...(responseTrailersToLog === undefined
      ? {}
      : { additional_response_trailers_to_log: [...responseTrailersToLog] }),
  };
}
