import { BodyMode } from "../../args/externalProcessing";
import type { ExternalProcessingSettings } from "../../settings/externalProcessing";
import type { InspectionSettings } from "../../settings/inspection";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";
import { envoyGrpc } from "./agentAddress";
import type { AgentAddress } from "./agentAddress";
import { protobufDuration } from "./duration";
import type { EnvoyValue } from "./envoyFilterTypes";
import { chosenBy, executed } from "./filterChoice";
import type { Choice } from "./filterChoice";
import { headerNames, headersPattern } from "./matchers";
import type { Selection } from "./requestSelection";
import { rolloutFraction } from "./rollout";

/** Name of the filter, and of its type. */
export const extProc = "envoy.filters.http.ext_proc";

const extProcType = "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor";

/** What Envoy answers when the agent cannot be asked and no status is given: what the other enforcements answer. */
const defaultStatusOnError = 403;

/** What the filter is made of. */
export interface ExtProcPlan {
  /** Where the agent is. */
  agent: AgentAddress;
  /** How a request is checked. */
  inspection: InspectionSettings;
  /** Whether the agent only looks on: nothing is blocked and nothing waits for it. */
  observed: boolean;
  /** What is sent and what may be changed. */
  processing: ExternalProcessingSettings;
  /** The EnvoyFilter settings. */
  settings: EnvoyFilterSettings;
  /** Whether the agent is told of the response. */
  responseData: boolean;
}

/**
 * The filter that streams requests and responses to the agent. The filter itself takes every request; where requests are
 * told apart or drawn, it stands within a composite filter that decides for each request.
 */
export function extProcFilter(selection: Selection, plan: ExtProcPlan): EnvoyValue {
  const { settings } = plan;
  const fraction = settings.rolloutRuntimeKey === undefined ? undefined : rolloutFraction(settings);
  const whole = processor(plan, plan.processing.requestBody);
  const byHeaders = processor(plan, BodyMode.None);
  const [first] = selection.groups;
  if (first?.withBody === false && first.mark === undefined && fraction === undefined) {
    return byHeaders;
  }
  const choices = selection.groups.map(({ mark, withBody }): Choice => ({
    mark,
    action: executed(withBody ? whole : byHeaders, fraction),
    // The body of a WebSocket does not end: held, it would never reach the application.
    webSocket: withBody ? executed(byHeaders, fraction) : undefined,
  }));
  return { name: extProc, typed_config: chosenBy(choices) };
}

function processor(
  { agent, inspection, observed, processing, settings, responseData }: ExtProcPlan,
  requestBody: BodyMode,
): EnvoyValue {
  const { failOpen, timeout, statusOnError = defaultStatusOnError } = inspection;
  return {
    name: extProc,
    typed_config: {
      "@type": extProcType,
      stat_prefix: settings.statPrefix,
      // A timeout of the service would end the stream, and with it long responses.
      grpc_service: { envoy_grpc: envoyGrpc(agent) },
      message_timeout: protobufDuration(timeout),
      // An agent that is away would be answered with 500 all the same.
      failure_mode_allow: failOpen || observed,
      ...(failOpen || observed ? {} : { status_on_error: { code: statusOnError } }),
      ...(observed ? { observability_mode: true } : {}),
      processing_mode: {
        request_header_mode: "SEND",
        response_header_mode: responseData ? "SEND" : "SKIP",
        request_body_mode: bodyMode(requestBody, observed),
        response_body_mode: bodyMode(processing.responseBody, observed),
        request_trailer_mode: "SKIP",
        response_trailer_mode: "SKIP",
      },
      // Bodies are passed on as they are. Without it Envoy takes the header away from those that it sends.
      ...(requestBody === BodyMode.None ? {} : { allow_content_length_header: true }),
      mutation_rules: {
        disallow_all: true,
        ...(processing.changeableHeaders.length > 0 && {
          allow_expression: { regex: headersPattern(processing.changeableHeaders) },
        }),
      },
      ...forwarded(settings),
      ...(settings.clearRouteCache ? { route_cache_action: "CLEAR" } : {}),
    },
  };
}

/** Nothing is held for an agent that only looks on; Envoy takes no other mode then. */
function bodyMode(mode: BodyMode, observed: boolean): string {
  if (observed && mode !== BodyMode.None) {
    return modeNames[BodyMode.Streamed];
  }
  return modeNames[mode];
}

const modeNames: Readonly<Record<BodyMode, string>> = {
  [BodyMode.None]: "NONE",
  [BodyMode.BufferedPartial]: "BUFFERED_PARTIAL",
  [BodyMode.Buffered]: "BUFFERED",
  [BodyMode.Streamed]: "STREAMED",
};

function forwarded({ allowedHeaders, disallowedHeaders }: EnvoyFilterSettings): EnvoyValue {
  if (allowedHeaders === undefined && disallowedHeaders === undefined) {
    return {};
  }
  return {
    forward_rules: {
      ...(allowedHeaders && { allowed_headers: headerNames(allowedHeaders) }),
      ...(disallowedHeaders && { disallowed_headers: headerNames(disallowedHeaders) }),
    },
  };
}
