import { nodeName } from "../lifecycle/podNode";
import { addresses } from "./addresses";

/** Which of Istio's proxies an Envoy plays; `bystander`: a sidecar that learns what it may ask, but serves nobody. */
export type ProxyRole = "sidecar" | "gateway" | "bystander";

/** Names of the nodes on which pods run; the pods of a rollout run on the first. */
export const nodes = { first: nodeName, second: "other-node" } as const;

/** A pod as the cluster knows it. */
export interface PodIdentity {
  readonly pod: string;
  readonly namespace: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: string;
}

/** A proxy as istiod knows it. */
export interface ProxyIdentity extends PodIdentity {
  readonly role: ProxyRole;
}

/** The sidecar of the workload. */
export const workloadProxy: ProxyIdentity = {
  role: "sidecar",
  pod: "web-0",
  namespace: "shop",
  address: addresses.workload,
  labels: { app: "web" },
  node: nodes.first,
};

/** The ingress gateway, in a namespace of its own as Istio advises. */
export const gatewayProxy: ProxyIdentity = {
  role: "gateway",
  pod: "istio-ingressgateway-0",
  namespace: "istio-ingress",
  address: addresses.gateway,
  labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
  node: nodes.second,
};

/** The sidecar of a workload in a namespace that no target names. */
export const bystanderProxy: ProxyIdentity = {
  role: "bystander",
  pod: "checkout-0",
  namespace: "payments",
  address: addresses.bystander,
  labels: { app: "checkout" },
  node: nodes.first,
};

/**
 * The start-up configuration of a vanilla Envoy: everything else comes from istiod over ADS.
 *
 * Only with `INTERCEPTION_MODE: REDIRECT` does istiod build the listener `virtualInbound` that EnvoyFilters name.
 */
export function envoyBootstrap(
  proxy: ProxyIdentity,
  adminPort: number,
  istiodGrpcPort: number,
  statsRegexps?: readonly string[],
): object {
  const ads = { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" };
  const prefix = proxy.role === "gateway" ? "router" : "sidecar";
  return {
    node: {
      id: `${prefix}~${proxy.address}~${proxy.pod}.${proxy.namespace}~${proxy.namespace}.svc.cluster.local`,
      cluster: `${proxy.labels.app ?? proxy.pod}.${proxy.namespace}`,
      metadata: {
        NAMESPACE: proxy.namespace,
        LABELS: proxy.labels,
        INSTANCE_IPS: proxy.address,
        ISTIO_VERSION: "1.31.0",
        INTERCEPTION_MODE: "REDIRECT",
        CLUSTER_ID: "Kubernetes",
        MESH_ID: "cluster.local",
        NODE_NAME: proxy.node,
      },
    },
    admin: { address: socketAddress("127.0.0.1", adminPort) },
    ...(statsRegexps && { stats_config: istioStats(statsRegexps) }),
    dynamic_resources: {
      ads_config: {
        api_type: "GRPC",
        transport_api_version: "V3",
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: "istiod" } }],
      },
      // Its listeners would take the traffic of the other sidecar: all share one network namespace.
      ...(proxy.role !== "bystander" && { lds_config: ads }),
      cds_config: ads,
    },
    static_resources: { clusters: [istiodCluster(istiodGrpcPort)] },
  };
}

/**
 * Which counters Istio's proxies expose, and how labels are made of their names.
 *
 * Source: Istio, tools/packaging/common/envoy_bootstrap.json and pkg/bootstrap/config.go.
 *
 * @param regexps `proxyStatsMatcher.inclusionRegexps` of the mesh configuration or of the pod
 */
function istioStats(regexps: readonly string[]): object {
  const prefixes = ["reporter=", "cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "wasm"];
  const suffixes = ["rbac.allowed", "rbac.denied", "shadow_allowed", "shadow_denied"];
  return {
    use_all_default_tags: false,
    stats_tags: [
      { tag_name: "cluster_name", regex: "^cluster(\\.(.+);)" },
      {
        tag_name: "http_conn_manager_prefix",
        regex: "^http\\.(((?:[_.[:digit:]\\w]*|[_\\[\\]aAbBcCdDeEfF[:digit:]\\w\\:]*));\\.)",
      },
      { tag_name: "response_code", regex: "_rq(_(\\d{3}))$" },
      { tag_name: "response_code_class", regex: "_rq(_(\\dxx))$" },
      { tag_name: "authz_enforce_result", regex: "rbac(\\.(allowed|denied))" },
      { tag_name: "authz_dry_run_action", regex: "(\\.istio_dry_run_(allow|deny)_)" },
      { tag_name: "authz_dry_run_result", regex: "(\\.shadow_(allowed|denied))" },
    ],
    stats_matcher: {
      inclusion_list: {
        patterns: [
          ...prefixes.map((prefix) => ({ prefix })),
          ...suffixes.map((suffix) => ({ suffix })),
          ...["vhost\\..*\\.route\\..*", ...regexps].map((regex) => ({ safe_regex: { regex } })),
          { prefix: "component" },
          { prefix: "istio" },
        ],
      },
    },
  };
}

function istiodCluster(port: number): object {
  return {
    name: "istiod",
    type: "STATIC",
    connect_timeout: "1s",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: "istiod",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress("127.0.0.1", port) } }] }],
    },
  };
}

function socketAddress(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}
