import type { LocalAgent } from "./agentAddress";
import { protobufDuration } from "./duration";
import type { EnvoyValue } from "./envoyFilterTypes";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/** The cluster of an agent in the pod of the proxy. */
export function localCluster(agent: LocalAgent, settings: EnvoyFilterSettings): EnvoyValue {
  const { maxConnections, maxPendingRequests, maxRequests, maxRetries } = settings.circuitBreakers;
  return {
    name: agent.cluster,
    type: "STATIC",
    connect_timeout: protobufDuration(settings.connectTimeout),
    circuit_breakers: {
      thresholds: [
        {
          max_connections: maxConnections,
          max_pending_requests: maxPendingRequests,
          max_requests: maxRequests,
          max_retries: maxRetries,
        },
      ],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: loadAssignment(agent),
  };
}

/**
 * The one endpoint of an agent in the pod of the proxy. The loopback address keeps requests inside the pod.
 */
export function loadAssignment({ cluster, port }: LocalAgent): EnvoyValue {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return { cluster_name: cluster, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
}
