import { Placement, usesEnvoyFilters } from "../../args/integration";
import type { AgentEndpoint } from "../../settings/agentEndpoint";
import type { IntegrationSettings } from "../../settings/integration";
import type { EnvoyValue } from "./envoyFilterTypes";

/** An agent in the pod of the proxy, reached over a cluster of our own. */
export interface LocalAgent {
  /** Tells the two apart. */
  place: "pod";
  /** Port on 127.0.0.1. */
  port: number;
  /** Name of the cluster. */
  cluster: string;
}

/** An agent behind a Service, reached over the cluster that Istio makes for it. */
export interface ServiceAgent {
  /** Tells the two apart. */
  place: "service";
  /** Fully qualified host name of the Service. */
  host: string;
  /** Port of the Service. */
  port: number;
}

/** Where a proxy finds the agent. */
export type AgentAddress = LocalAgent | ServiceAgent;

/**
 * Name of the cluster in the guide.
 *
 * Source: guide, "Adding the Istio EnvoyFilter object".
 */
export const guideCluster = "sigsci-agent-grpc";

/**
 * An agent in the pod of the proxy. Its cluster carries the port and not the component: of several with one name istiod
 * keeps one, so while a component is renamed, the filter that leaves takes no cluster from the one in its place.
 *
 * @param port - Port on 127.0.0.1.
 */
export function localAgent(port: number): LocalAgent {
  return { place: "pod", port, cluster: `${guideCluster}-${port}` };
}

/** Name of the cluster that reaches the agent. */
export function clusterName(agent: AgentAddress): string {
  return agent.place === "pod" ? agent.cluster : `outbound|${agent.port}||${agent.host}`;
}

/** Name of the cluster over which the proxies of a component ask, whoever tells them. */
export function askedCluster(
  { placement, enforcement, envoyFilter, agent }: IntegrationSettings,
  endpoint: AgentEndpoint,
): string {
  if (placement !== Placement.Sidecar || !usesEnvoyFilters(enforcement)) {
    return clusterName({ place: "service", ...endpoint });
  }
  return envoyFilter.guideCompatible ? guideCluster : localAgent(agent.port).cluster;
}

/**
 * Envoy's own gRPC client for the agent, an `envoy_grpc`. The authority of a Service is given, as the name of
 * Istio's cluster would be none.
 */
export function envoyGrpc(agent: AgentAddress): EnvoyValue {
  return {
    cluster_name: clusterName(agent),
    ...(agent.place === "service" ? { authority: agent.host } : {}),
  };
}

/** Google's gRPC client for the agent, a `google_grpc`. */
export function googleGrpc(agent: AgentAddress, statPrefix: string): EnvoyValue {
  const host = agent.place === "pod" ? "127.0.0.1" : agent.host;
  return { target_uri: `${host}:${agent.port}`, stat_prefix: statPrefix };
}

/**
 * Annotations of an EnvoyFilter that refers to the agent. Gateways that get only the clusters they need
 * (`PILOT_FILTER_GATEWAY_CLUSTER_CONFIG`) would miss the agent's otherwise.
 */
export function referencedServices(agent: AgentAddress, namespace: string): Record<string, string> {
  return agent.place === "service"
    ? { "envoyfilter.istio.io/referenced-services": `${namespace}/${agent.host}` }
    : {};
}
