import type { InspectionSettings } from "../../settings/inspection";
import { envoyGrpc } from "./agentAddress";
import type { AgentAddress } from "./agentAddress";
import { protobufDuration } from "./duration";
import type { EnvoyValue } from "./envoyFilterTypes";
import { headerNames } from "./matchers";
import type { RequestGroup } from "./requestSelection";
import { rolloutFraction } from "./rollout";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/** Name of the filter, and of its type. */
export const extAuthz = "envoy.filters.http.ext_authz";

/** Type of the filter's configuration. */
export const extAuthzType = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";

/**
 * With it a filter asks and never ends a request, whether it is answered or not; the answer is waited for all the same. An
 * istiod before 1.31 drops the field, and an Envoy before 1.38 ignores it: both block.
 */
export const shadow = { shadow_mode: true } as const;

/**
 * The filter that asks the agent about the requests of a group. `packAsBytes` is always written: without it Envoy
 * mangles bodies that are not UTF-8.
 *
 * @param observed - Whether requests pass whatever the agent says.
 */
export function extAuthzFilter(
  group: RequestGroup,
  agent: AgentAddress,
  inspection: InspectionSettings,
  settings: EnvoyFilterSettings,
  observed: boolean,
): EnvoyValue {
  const { body, statusOnError } = inspection;
  return {
    name: extAuthz,
    typed_config: {
      "@type": extAuthzType,
      transport_api_version: "V3",
      stat_prefix: settings.statPrefix,
      grpc_service: { envoy_grpc: envoyGrpc(agent), timeout: protobufDuration(inspection.timeout) },
      failure_mode_allow: inspection.failOpen,
      ...(observed ? shadow : {}),
      ...(settings.failOpenHeader ? { failure_mode_allow_header_add: true } : {}),
      ...(statusOnError === undefined ? {} : { status_on_error: { code: statusOnError } }),
      ...(group.withBody
        ? {
            with_request_body: {
              max_request_bytes: body.maxBytes,
              allow_partial_message: body.allowPartial,
              pack_as_bytes: body.packAsBytes,
            },
          }
        : {}),
      ...(settings.rolloutRuntimeKey === undefined ? {} : { filter_enabled: rolloutFraction(settings) }),
      ...(group.mark === undefined ? {} : { filter_enabled_metadata: group.mark }),
      ...requestContent(settings),
    },
  };
}

/** What of a request besides its body is sent, and what happens to its route. */
function requestContent(settings: EnvoyFilterSettings): EnvoyValue {
  const { allowedHeaders, disallowedHeaders } = settings;
  return {
    ...(allowedHeaders === undefined ? {} : { allowed_headers: headerNames(allowedHeaders) }),
    ...(disallowedHeaders === undefined ? {} : { disallowed_headers: headerNames(disallowedHeaders) }),
    ...(settings.encodeRawHeaders ? { encode_raw_headers: true } : {}),
    ...(settings.includePeerCertificate ? { include_peer_certificate: true } : {}),
    ...(settings.clearRouteCache ? { clear_route_cache: true } : {}),
  };
}
