import type { ExtensionProvider, Manifest } from "./mesh";

// The configuration that the guide tells its readers to write by hand, value for value: what ours is compared with.

const connectionManager = "envoy.filters.network.http_connection_manager";

const requestHeaders = [
  "x-sigsci-request-id",
  "x-sigsci-waf-response",
  "accept",
  "content-type",
  "content-length",
];
const responseHeaders = ["date", "server", "content-type", "content-length"];

const inboundListener = {
  context: "SIDECAR_INBOUND",
  listener: { name: "virtualInbound", filterChain: { filter: { name: connectionManager } } },
};

/** The guide's EnvoyFilter, with the app's label as its only change. */
export function guideEnvoyFilter(app: string, namespace: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: app, namespace },
    spec: {
      workloadSelector: { labels: { app } },
      configPatches: [filterPatch, accessLogPatch, clusterPatch],
    },
  };
}

const filterPatch = {
  applyTo: "HTTP_FILTER",
  match: inboundListener,
  patch: {
    operation: "INSERT_BEFORE",
    value: {
      name: "envoy.filters.http.ext_authz",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: "sigsci-agent-grpc" }, timeout: "0.2s" },
        failure_mode_allow: true,
        with_request_body: { max_request_bytes: 8192, allow_partial_message: true },
      },
    },
  },
};

const accessLogPatch = {
  applyTo: "NETWORK_FILTER",
  match: inboundListener,
  patch: {
    operation: "MERGE",
    value: {
      name: connectionManager,
      typed_config: {
        "@type": `type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
        access_log: [
          {
            name: "envoy.http_grpc_access_log",
            typed_config: {
              "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
              common_config: {
                log_name: "sigsci-agent-grpc",
                transport_api_version: "V3",
                grpc_service: {
                  google_grpc: { target_uri: "127.0.0.1:9999", stat_prefix: "sigsci-agent" },
                  timeout: "0.2s",
                },
              },
              additional_request_headers_to_log: requestHeaders,
              additional_response_headers_to_log: responseHeaders,
            },
          },
        ],
      },
    },
  },
};

const clusterPatch = {
  applyTo: "CLUSTER",
  patch: {
    operation: "ADD",
    value: {
      name: "sigsci-agent-grpc",
      type: "STRICT_DNS",
      connect_timeout: "0.5s",
      http2_protocol_options: {},
      load_assignment: {
        cluster_name: "sigsci-agent-grpc",
        endpoints: [
          {
            lb_endpoints: [
              { endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 9999 } } } },
            ],
          },
        ],
      },
    },
  },
};

/** The guide's two extension providers. */
export function guideProviders(service: string): (ExtensionProvider & Record<string, unknown>)[] {
  return [
    {
      name: "sigsci-agent-ext-authz",
      envoyExtAuthzGrpc: {
        service,
        port: "9999",
        timeout: "0.2s",
        failOpen: true,
        includeRequestBodyInCheck: { packAsBytes: true, allowPartialMessage: true, maxRequestBytes: 8192 },
      },
    },
    {
      name: "sigsci-agent-access-log",
      envoyHttpAls: {
        service,
        port: "9999",
        additionalRequestHeadersToLog: requestHeaders,
        additionalResponseHeadersToLog: responseHeaders,
      },
    },
  ];
}

/**
 * The guide's policy and telemetry. Its policy names one path of a sample app; here every path is checked,
 * so that all forms are compared at the same work.
 */
export function guideProviderObjects(app: string, namespace: string): Manifest[] {
  return [
    {
      apiVersion: "security.istio.io/v1beta1",
      kind: "AuthorizationPolicy",
      metadata: { name: "ext-authz", namespace },
      spec: {
        selector: { matchLabels: { app } },
        action: "CUSTOM",
        provider: { name: "sigsci-agent-ext-authz" },
        rules: [{ to: [{ operation: { paths: ["/*"] } }] }],
      },
    },
    {
      apiVersion: "telemetry.istio.io/v1alpha1",
      kind: "Telemetry",
      metadata: { name: "mesh-default", namespace: "istio-system" },
      spec: { accessLogging: [{ providers: [{ name: "sigsci-agent-access-log" }] }] },
    },
  ];
}
