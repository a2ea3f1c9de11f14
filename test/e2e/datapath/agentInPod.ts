import { inspectionSettings, type InspectionSettings } from "../../../src/enforcement/inspectionSettings";
import { localAgent, ports } from "./addresses";
import { rootNamespace, type Manifest } from "./mesh";
import { selection, type Integration, type Scenario } from "./scenario";

// The forms for an agent in the pod of the workload, written by hand.

const connectionManager = "envoy.filters.network.http_connection_manager";
const extAuthz = "envoy.filters.http.ext_authz";
const apis = "type.googleapis.com/envoy.extensions";

/** A ServiceEntry for 127.0.0.1, so that providers can name the agent in the pod. */
export function policyForAgentInPod(scenario: Scenario): Integration {
  const host = "sigsci-agent.local";
  const inspection = inspectionSettings(scenario.inspection);
  const { namespace, matchLabels } = selection(scenario);
  const metadata = { name: scenario.name, namespace };
  const [authorizer, log] = [`${scenario.name}-ext-authz`, `${scenario.name}-access-log`];
  const { notPaths = [] } = scenario;
  return {
    service: [agentEntry(host)],
    providers: providers(scenario, host, inspection),
    objects: [
      {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata,
        spec: {
          selector: { matchLabels },
          accessLogging: [{ match: { mode: "SERVER" }, providers: [{ name: log }, { name: "envoy" }] }],
        },
      },
      {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata,
        spec: {
          selector: { matchLabels },
          action: "CUSTOM",
          provider: { name: authorizer },
          rules: notPaths.length === 0 ? [{}] : [{ to: [{ operation: { notPaths } }] }],
        },
      },
    ],
    marks: [`istio-ext-authz-${authorizer}`, `"log_name":"${scenario.name}"`],
    cluster: `outbound|${ports.agent}||${host}`,
  };
}

function agentEntry(host: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "sigsci-agent-local", namespace: rootNamespace },
    spec: {
      hosts: [host],
      resolution: "STATIC",
      ports: [{ number: ports.agent, name: "grpc", protocol: "GRPC" }],
      endpoints: [{ address: localAgent }],
    },
  };
}

function providers(
  { name }: Scenario,
  host: string,
  { timeout, failOpen, body, requestHeadersToLog, responseHeadersToLog }: InspectionSettings,
): Integration["providers"] {
  const service = { service: host, port: ports.agent };
  const includeRequestBodyInCheck = {
    maxRequestBytes: body.maxBytes,
    allowPartialMessage: body.allowPartial,
    packAsBytes: true,
  };
  const authorizer = {
    name: `${name}-ext-authz`,
    envoyExtAuthzGrpc: { ...service, timeout, failOpen, includeRequestBodyInCheck },
  };
  const log = {
    name: `${name}-access-log`,
    envoyHttpAls: {
      ...service,
      logName: name,
      additionalRequestHeadersToLog: requestHeadersToLog,
      additionalResponseHeadersToLog: responseHeadersToLog,
    },
  };
  return [authorizer, log];
}

/** An EnvoyFilter with filter, access log, cluster and the routes that are not checked. */
export function envoyFilterForAgentInPod(scenario: Scenario): Integration {
  const { namespace, matchLabels } = selection(scenario);
  const inspection = inspectionSettings(scenario.inspection);
  const cluster = `${scenario.name}-agent`;
  const patches = [
    clusterPatch(cluster),
    filterPatch(scenario.name, cluster, inspection),
    accessLogPatch(scenario.name, cluster, inspection),
    ...(scenario.notPaths ?? []).map(exemptionPatch),
  ];
  return {
    service: [],
    providers: [],
    objects: [
      {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "EnvoyFilter",
        metadata: { name: scenario.name, namespace },
        spec: { workloadSelector: { labels: matchLabels }, priority: 10, configPatches: patches },
      },
    ],
    marks: [`"stat_prefix":"${scenario.name}"`, `"log_name":"${scenario.name}"`],
    cluster,
  };
}

const everyInboundManager = {
  context: "SIDECAR_INBOUND",
  listener: { filterChain: { filter: { name: connectionManager } } },
};

function filterPatch(
  statPrefix: string,
  cluster: string,
  { timeout, failOpen, body, statusOnError }: InspectionSettings,
): object {
  const seconds = timeout.endsWith("ms") ? `${Number.parseInt(timeout, 10) / 1000}s` : timeout;
  const value = {
    name: extAuthz,
    typed_config: {
      "@type": `${apis}.filters.http.ext_authz.v3.ExtAuthz`,
      transport_api_version: "V3",
      stat_prefix: statPrefix,
      grpc_service: { envoy_grpc: { cluster_name: cluster }, timeout: seconds },
      failure_mode_allow: failOpen,
      ...(statusOnError !== undefined && { status_on_error: { code: statusOnError } }),
      with_request_body: {
        max_request_bytes: body.maxBytes,
        allow_partial_message: body.allowPartial,
        pack_as_bytes: true,
      },
    },
  };
  return { applyTo: "HTTP_FILTER", match: everyInboundManager, patch: { operation: "INSERT_FIRST", value } };
}

function accessLogPatch(logName: string, cluster: string, inspection: InspectionSettings): object {
  const logger = {
    name: "envoy.access_loggers.http_grpc",
    typed_config: {
      "@type": `${apis}.access_loggers.grpc.v3.HttpGrpcAccessLogConfig`,
      common_config: {
        log_name: logName,
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: cluster } },
      },
      additional_request_headers_to_log: inspection.requestHeadersToLog,
      additional_response_headers_to_log: inspection.responseHeadersToLog,
    },
  };
  const value = {
    name: connectionManager,
    typed_config: {
      "@type": `${apis}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      access_log: [logger],
    },
  };
  return { applyTo: "NETWORK_FILTER", match: everyInboundManager, patch: { operation: "MERGE", value } };
}

function clusterPatch(name: string): object {
  const address = { socket_address: { address: localAgent, port_value: ports.agent } };
  const most = 65_536;
  const value = {
    name,
    type: "STATIC",
    connect_timeout: "0.5s",
    // Envoy's own limit of 1024 would let the requests above it pass unseen.
    circuit_breakers: {
      thresholds: [{ max_connections: most, max_pending_requests: most, max_requests: most }],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${apis}.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
  return {
    applyTo: "CLUSTER",
    match: { context: "SIDECAR_OUTBOUND" },
    patch: { operation: "ADD", value },
  };
}

/** A route of its own for a path that is not checked, before Istio's only route. */
function exemptionPatch(path: string): object {
  const value = {
    name: `not-checked-${path}`,
    match: path.endsWith("*") ? { prefix: path.slice(0, -1) } : { path },
    route: { cluster: `inbound|${ports.http}||` },
    typed_per_filter_config: {
      [extAuthz]: { "@type": `${apis}.filters.http.ext_authz.v3.ExtAuthzPerRoute`, disabled: true },
    },
  };
  return {
    applyTo: "HTTP_ROUTE",
    match: {
      context: "SIDECAR_INBOUND",
      routeConfiguration: { vhost: { name: `inbound|http|${ports.http}` } },
    },
    patch: { operation: "INSERT_FIRST", value },
  };
}
