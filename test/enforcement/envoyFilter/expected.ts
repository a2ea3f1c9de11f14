import type {
  ConfigPatch,
  EnvoyValue,
  ListenerMatch,
} from "../../../src/enforcement/envoyFilter/envoyFilterTypes";

/** The parts of the EnvoyFilter that the defaults give, written out. */

export const managers = {
  context: "SIDECAR_INBOUND",
  listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager" } } },
} as const;

const grpcForms: EnvoyValue[] = [
  { header: { name: "content-type", string_match: { exact: "application/grpc" } } },
  { header: { name: "content-type", string_match: { prefix: "application/grpc+" } } },
];

/** What fits one of some permissions. */
export function or(...rules: object[]): EnvoyValue {
  return { or_rules: { rules } };
}

/** What fits none of some permissions. */
export function not(...rules: object[]): EnvoyValue {
  return { not_rule: or(...rules) };
}

/** gRPC requests to port 9000, and all others. */
export const isGrpc: EnvoyValue = {
  and_rules: { rules: [or({ destination_port: 9000 }), or(...grpcForms)] },
};
export const isNotGrpc = not(isGrpc);

/** A policy for requests of anybody that fit one of `permissions`. */
export function anyOf(...permissions: object[]): EnvoyValue {
  return { permissions, principals: [{ any: true }] };
}

/** A policy for requests of anybody that fit all of `rules`. */
export function policy(...rules: object[]): EnvoyValue {
  return anyOf({ and_rules: { rules } });
}

/** The filter that marks requests by these policies. */
export function selection(policies: Record<string, EnvoyValue>, prefix = "sigsci-agent_web_"): EnvoyValue {
  return {
    name: "envoy.filters.http.rbac",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
      shadow_rules: { action: "DENY", policies },
      shadow_rules_stat_prefix: prefix,
    },
  };
}

/** Reads a mark of the filter above, a `MetadataMatcher`. */
export function mark(name: string, value: EnvoyValue, prefix = "sigsci-agent_web_"): EnvoyValue {
  return {
    filter: "envoy.filters.http.rbac",
    path: [{ key: `${prefix}${name}` }],
    value: { string_match: value },
  };
}

/** Requests that fit no policy, those that fit `grpc`, and those that fit a policy whose name begins so. */
export const others = mark("shadow_engine_result", { exact: "allowed" });
export const grpcOnly = mark("shadow_effective_policy_id", { exact: "grpc" });
export const marked = (prefix: string): EnvoyValue => mark("shadow_effective_policy_id", { prefix });

/** The check of requests with a mark, or of all; `changes` replaces or adds fields. */
export function check(filter_enabled_metadata?: EnvoyValue, changes: EnvoyValue = {}): EnvoyValue {
  return {
    name: "envoy.filters.http.ext_authz",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
      transport_api_version: "V3",
      stat_prefix: "sigsci-agent",
      grpc_service: { envoy_grpc: { cluster_name: "sigsci-agent-grpc-9999" }, timeout: "0.2s" },
      failure_mode_allow: true,
      ...(filter_enabled_metadata && { filter_enabled_metadata }),
      ...changes,
    },
  };
}

export const wholeBody: EnvoyValue = {
  with_request_body: { max_request_bytes: 100_000, allow_partial_message: true, pack_as_bytes: true },
};

/** The log's condition: one of these marks. */
export function loggedIf(...marks: EnvoyValue[]): EnvoyValue {
  const filters = marks.map((matcher) => ({
    metadata_filter: { matcher, match_if_key_not_found: false },
  }));
  const [filter = {}, ...more] = filters;
  return { filter: more.length === 0 ? filter : { or_filter: { filters } } };
}

/** The log's condition where there are no marks: no tunnel. */
export const noTunnel: EnvoyValue = {
  filter: {
    header_filter: {
      header: { name: ":method", string_match: { exact: "CONNECT" }, invert_match: true },
    },
  },
};

/** What differs from the default access log. */
export interface LogChanges {
  client?: EnvoyValue;
  /** Put in place of the condition on tunnels. */
  filter?: EnvoyValue;
  /** Replace or add fields of `common_config`. */
  common?: EnvoyValue;
  /** Replace or add fields beside it. */
  fields?: EnvoyValue;
  timeout?: string;
}

/** The access log, to be merged into a connection manager. */
export function log({ client, filter, common, fields, timeout }: LogChanges = {}): EnvoyValue {
  const grpcClient = client ?? { envoy_grpc: { cluster_name: "sigsci-agent-grpc-9999" } };
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      access_log: [
        {
          name: "envoy.access_loggers.http_grpc",
          ...(filter ?? noTunnel),
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
            common_config: {
              log_name: "sigsci-agent-grpc",
              transport_api_version: "V3",
              grpc_service: { ...grpcClient, timeout: timeout ?? "0.2s" },
              buffer_size_bytes: 49_152,
              ...common,
            },
            additional_request_headers_to_log: [
              "x-sigsci-request-id",
              "x-sigsci-waf-response",
              "accept",
              "content-type",
              "content-length",
            ],
            additional_response_headers_to_log: ["date", "server", "content-type", "content-length"],
            ...fields,
          },
        },
      ],
    },
  };
}

/** The cluster of an agent in the pod. */
export const cluster: EnvoyValue = {
  name: "sigsci-agent-grpc-9999",
  type: "STATIC",
  connect_timeout: "0.5s",
  circuit_breakers: {
    thresholds: [
      { max_connections: 65536, max_pending_requests: 65536, max_requests: 65536, max_retries: 65536 },
    ],
  },
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
  load_assignment: {
    cluster_name: "sigsci-agent-grpc-9999",
    endpoints: [
      {
        lb_endpoints: [
          { endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 9999 } } } },
        ],
      },
    ],
  },
};

/** Takes the check away where tunnels are opened. */
export const noCheckOfTunnels: ConfigPatch = {
  applyTo: "HTTP_FILTER",
  match: {
    context: "SIDECAR_INBOUND",
    listener: {
      name: "connect_terminate",
      filterChain: {
        filter: {
          name: "envoy.filters.network.http_connection_manager",
          subFilter: { name: "envoy.filters.http.ext_authz" },
        },
      },
    },
  },
  patch: { operation: "REMOVE" },
};

/** A patch for each value that is inserted at the front, in this order, and what a sidecar needs besides. */
export function inFront(values: EnvoyValue[], match: ListenerMatch = managers): ConfigPatch[] {
  const inserted = values.map((value): ConfigPatch => ({
    applyTo: "HTTP_FILTER",
    match,
    patch: { operation: "INSERT_FIRST", value },
  }));
  return match.context === "GATEWAY" ? inserted : [...inserted, noCheckOfTunnels];
}

/** The patch that merges an access log. */
export function merged(value: EnvoyValue, match: ConfigPatch["match"] = managers): ConfigPatch {
  return { applyTo: "NETWORK_FILTER", match, patch: { operation: "MERGE", value } };
}

/** The patch that adds a cluster. */
export function added(
  value: EnvoyValue,
  context: "SIDECAR_OUTBOUND" | "GATEWAY" = "SIDECAR_OUTBOUND",
): ConfigPatch {
  return { applyTo: "CLUSTER", match: { context }, patch: { operation: "ADD", value } };
}

/** The paths `/healthz`, `/static/*`, `*.css` and `/users/{*}/avatar`. */
export const everyPathForm: EnvoyValue[] = [
  { url_path: { path: { exact: "/healthz" } } },
  { url_path: { path: { prefix: "/static/" } } },
  { url_path: { path: { suffix: ".css" } } },
  {
    uri_template: {
      name: "uri-template",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
        path_template: "/users/*/avatar",
      },
    },
  },
];
