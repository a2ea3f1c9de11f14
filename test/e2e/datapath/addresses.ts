/** Pod addresses, all on `lo` of the suite's own network namespace. */
export const addresses = {
  /** The agent as a Service of its own. */
  agent: "10.244.0.11",
  /** A second agent, on the other node; it runs only when it is asked for. */
  otherAgent: "10.244.0.12",
  /** A third one, for a Service with several. */
  thirdAgent: "10.244.0.13",
  /** The protected workload: its ports are intercepted. */
  workload: "10.244.0.20",
  /** The ingress gateway. */
  gateway: "10.244.0.30",
  /** A workload without a sidecar, behind the gateway. */
  backend: "10.244.0.40",
  /** A workload of another namespace that nobody asks. */
  bystander: "10.244.0.50",
} as const;

/** TCP ports of the data path. */
export const ports = {
  /** gRPC listener of the agent. */
  agent: 9999,
  /** HTTP and WebSocket of the app. */
  http: 8080,
  /** gRPC of the app. */
  grpc: 9000,
  /** Raw TCP of the app. */
  tcp: 9090,
  /** Where the gateway's Envoy listens. */
  gateway: 8090,
  /** Where istio-proxy takes intercepted inbound connections. */
  virtualInbound: 15006,
  /** Where istio-proxy takes the workload's own outgoing connections. */
  virtualOutbound: 15001,
} as const;

/** An agent in the pod of the workload is reached here. */
export const localAgent = "127.0.0.1";

/** Host names of the services. */
export const hosts = {
  agent: "sigsci-agent.sigsci.svc.cluster.local",
  /** The agent in the pod of each proxy, as the component's ServiceEntry names it. */
  agentInPod: "sigsci-agent.sidecar.internal",
  web: "web.shop.svc.cluster.local",
  backend: "backend.shop.svc.cluster.local",
} as const;
