import { addresses, localAgent, ports } from "./addresses";
import type { Manifest } from "./mesh";
import { loggedRequestHeaders, loggedResponseHeaders, selection, type Scenario } from "./scenario";

const connectionManager = "envoy.filters.network.http_connection_manager";
const extAuthz = "envoy.filters.http.ext_authz";

/** The EnvoyFilter form of a scenario: filter, access log, cluster and the routes that are not checked. */
export function envoyFilterObjects(scenario: Scenario): Manifest[] {
  const { namespace, matchLabels } = selection(scenario);
  return [
    {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: { name: scenario.name, namespace },
      spec: {
        workloadSelector: { labels: matchLabels },
        priority: 10,
        configPatches: [cluster(scenario), filter(scenario), accessLog(scenario), ...exemptions(scenario)],
      },
    },
  ];
}

function clusterName(scenario: Scenario): string {
  return `${scenario.name}-agent`;
}

function context(scenario: Scenario): string {
  return scenario.target === "gateway" ? "GATEWAY" : "SIDECAR_INBOUND";
}

function connectionManagerMatch(scenario: Scenario): object {
  return { context: context(scenario), listener: { filterChain: { filter: { name: connectionManager } } } };
}

function filter(scenario: Scenario): object {
  const { timeout = "0.2s", failOpen = true, statusOnError, body = true } = scenario.inspection ?? {};
  const { maxRequestBytes = 100_000, allowPartialMessage = true } = scenario.inspection ?? {};
  return {
    applyTo: "HTTP_FILTER",
    match: connectionManagerMatch(scenario),
    patch: {
      operation: "INSERT_FIRST",
      value: {
        name: extAuthz,
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
          transport_api_version: "V3",
          stat_prefix: scenario.name,
          grpc_service: { envoy_grpc: { cluster_name: clusterName(scenario) }, timeout },
          failure_mode_allow: failOpen,
          ...(statusOnError === undefined ? {} : { status_on_error: { code: statusOnError } }),
          ...(body
            ? {
                with_request_body: {
                  max_request_bytes: maxRequestBytes,
                  allow_partial_message: allowPartialMessage,
                  pack_as_bytes: true,
                },
              }
            : {}),
        },
      },
    },
  };
}

function accessLog(scenario: Scenario): object {
  const manager = `type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
  return {
    applyTo: "NETWORK_FILTER",
    match: connectionManagerMatch(scenario),
    patch: {
      operation: "MERGE",
      value: {
        name: connectionManager,
        typed_config: {
          "@type": manager,
          access_log: [
            {
              name: "envoy.access_loggers.http_grpc",
              typed_config: {
                "@type":
                  "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
                common_config: {
                  log_name: scenario.name,
                  transport_api_version: "V3",
                  grpc_service: { envoy_grpc: { cluster_name: clusterName(scenario) } },
                },
                additional_request_headers_to_log: loggedRequestHeaders,
                additional_response_headers_to_log: loggedResponseHeaders,
              },
            },
          ],
        },
      },
    },
  };
}

function cluster(scenario: Scenario): object {
  const address = scenario.placement === "sidecar" ? localAgent : addresses.agent;
  const most = 4_294_967_295;
  return {
    applyTo: "CLUSTER",
    match: { context: scenario.target === "gateway" ? "GATEWAY" : "SIDECAR_OUTBOUND" },
    patch: {
      operation: "ADD",
      value: {
        name: clusterName(scenario),
        type: "STATIC",
        connect_timeout: "0.5s",
        // Envoy's own limit of 1024 would let the requests above it pass unseen.
        circuit_breakers: {
          thresholds: [{ max_connections: most, max_pending_requests: most, max_requests: most }],
        },
        typed_extension_protocol_options: {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
        load_assignment: {
          cluster_name: clusterName(scenario),
          endpoints: [
            {
              lb_endpoints: [
                { endpoint: { address: { socket_address: { address, port_value: ports.agent } } } },
              ],
            },
          ],
        },
      },
    },
  };
}

/** A route of its own for each path that is not checked, before Istio's only route. */
function exemptions(scenario: Scenario): object[] {
  return [ports.http, ports.grpc].flatMap((port) =>
    (scenario.notPaths ?? []).map((path) => exemption(scenario, port, path)),
  );
}

function exemption(scenario: Scenario, port: number, path: string): object {
  return {
    applyTo: "HTTP_ROUTE",
    match: { context: context(scenario), routeConfiguration: { vhost: { name: `inbound|http|${port}` } } },
    patch: {
      operation: "INSERT_FIRST",
      value: {
        name: `not-checked-${path}`,
        match: path.endsWith("*") ? { prefix: path.slice(0, -1) } : { path },
        route: { cluster: `inbound|${port}||` },
        typed_per_filter_config: {
          [extAuthz]: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
            disabled: true,
          },
        },
      },
    },
  };
}
