import { Placement } from "../args/integration";
import type { AgentSettings } from "./agent";

/** What decides where the proxies find the agent. */
export interface EndpointSettings {
  /** Where the agent runs. */
  placement: Placement;
  /** The agent. */
  agent: AgentSettings;
  /** DNS domain of the cluster. */
  clusterDomain: string;
}

/** The agent's Service as the proxies reach it. */
export interface AgentEndpoint {
  /** Fully qualified host name. */
  host: string;
  /** Port. */
  port: number;
}

/**
 * Port of the Service. It does not follow the agent's own port: a Service that changes its port before the mesh
 * configuration does would be out of reach in between.
 */
export const servicePort = 9999;

/** Host name of the Service, as Istio's registry knows it. */
export function serviceHost(settings: AgentSettings, namespace: string, clusterDomain: string): string {
  return `${settings.name}.${namespace}.svc.${clusterDomain}`;
}

/** How the host name ends under which proxies know the agent in their own pod. */
export const sidecarDomain = ".sidecar.internal";

/**
 * Host name under which proxies know the agent in their own pod. It is not below the cluster's domain, so that
 * rules for `*.local`, such as mesh-wide mutual TLS, leave it alone.
 */
export function sidecarHost({ name }: AgentSettings): string {
  return `${name}${sidecarDomain}`;
}

/**
 * Host and port of the agent as the mesh configuration names it.
 *
 * @param namespace - Namespace of the agent's Service; not used with Sidecar placement.
 */
export function agentEndpoint(
  { placement, agent, clusterDomain }: EndpointSettings,
  namespace: string,
): AgentEndpoint {
  return placement === Placement.Sidecar
    ? { host: sidecarHost(agent), port: agent.port }
    : { host: serviceHost(agent, namespace, clusterDomain), port: servicePort };
}
