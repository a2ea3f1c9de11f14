import { stringify } from "yaml";
import { addresses, hosts, ports } from "./addresses";
import { bystanderProxy, gatewayProxy, type PodIdentity } from "./envoyBootstrap";

/** Any Kubernetes object, with whatever its kind allows. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
  };
  readonly [field: string]: unknown;
}

/** Istio's root namespace. */
export const rootNamespace = "istio-system";

/** One entry of `extensionProviders`. */
export interface ExtensionProvider {
  readonly name: string;
}

/** A port of a Service: its name tells Istio the protocol. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/** Port of the agent's Service. */
export const agentPort: ServicePort = { name: "grpc", port: ports.agent, targetPort: ports.agent };

const http: ServicePort = { name: "http", port: ports.http, targetPort: ports.http };

/** Everything that is there before the agent is put into the mesh, apart from the pods. */
export function meshObjects(): Manifest[] {
  return [
    ...["sigsci", "shop", gatewayProxy.namespace, bystanderProxy.namespace].map((name) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    })),
    meshConfig([]),
    withoutMutualTls,
    ...workload("sigsci", "sigsci-agent", addresses.agent, [agentPort]),
    ...workload("shop", "web", addresses.workload, [
      http,
      { name: "grpc", port: ports.grpc, targetPort: ports.grpc },
      { name: "tcp", port: ports.tcp, targetPort: ports.tcp },
    ]),
    ...workload("shop", "backend", addresses.backend, [http]),
    ...workload(gatewayProxy.namespace, "istio-ingressgateway", addresses.gateway, [
      { name: "http2", port: 80, targetPort: ports.gateway },
    ]),
    ...routing,
  ];
}

/**
 * ConfigMap `istio` with these providers.
 *
 * It names no metrics provider, because a vanilla Envoy does not know Istio's own metrics filter.
 *
 * @param accessLogFile the mesh's own access log; "" for none, as Istio's default profile has it
 */
export function meshConfig(providers: readonly ExtensionProvider[], accessLogFile = "/dev/stdout"): Manifest {
  const mesh = { rootNamespace, trustDomain: "cluster.local", accessLogFile, extensionProviders: providers };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: rootNamespace },
    data: { mesh: stringify(mesh) },
  };
}

// Otherwise the listeners wait for certificates that nobody serves here, without an error.
const withoutMutualTls: Manifest = {
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { name: "default", namespace: rootNamespace },
  spec: { mtls: { mode: "DISABLE" } },
};

/** What sends the requests that reach the ingress gateway to the backend. */
const routing: readonly Manifest[] = [
  {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: "public", namespace: "shop" },
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
  },
  {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "public", namespace: "shop" },
    spec: {
      hosts: ["*"],
      gateways: ["public"],
      http: [{ route: [{ destination: { host: hosts.backend, port: { number: ports.http } } }] }],
    },
  },
];

/** A Service and its endpoints. No controller runs that would make them from the pods. */
function workload(
  namespace: string,
  name: string,
  address: string,
  servicePorts: readonly ServicePort[],
): Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: {
        selector: { app: name },
        ports: servicePorts.map((port) => ({ ...port, protocol: "TCP" })),
      },
    },
    endpointSlice({ namespace, name }, [{ addresses: [address] }], servicePorts),
  ];
}

/** Where an endpoint is, as an EndpointSlice has it. */
export interface Endpoint {
  readonly addresses: readonly string[];
  readonly nodeName?: string;
  readonly targetRef?: { readonly kind: "Pod"; readonly name: string; readonly namespace: string };
}

/** The endpoints of a Service; all are ready. */
export function endpointSlice(
  { namespace, name }: { namespace: string; name: string },
  endpoints: readonly Endpoint[],
  servicePorts: readonly ServicePort[],
): Manifest {
  const conditions = { ready: true, serving: true, terminating: false };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-1`, namespace, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: endpoints.map((endpoint) => ({ ...endpoint, conditions })),
    ports: servicePorts.map(({ name: portName, targetPort }) => ({
      name: portName,
      port: targetPort,
      protocol: "TCP",
    })),
  };
}

/** A pod on its node. */
export function podObject(identity: PodIdentity): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: identity.pod, namespace: identity.namespace, labels: { ...identity.labels } },
    spec: { nodeName: identity.node, containers: [{ name: "app", image: "app" }] },
  };
}

/** The status that a kubelet would have written. */
export function podStatus({ address }: PodIdentity): object {
  return {
    phase: "Running",
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [{ type: "Ready", status: "True" }],
  };
}
