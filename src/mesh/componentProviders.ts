import { agentEndpoint } from "../settings/agentEndpoint";
import { Enforcement, Placement, usesEnvoyFilters } from "../args/integration";
import type { ExtensionProvider } from "./extensionProvider";
import { extensionProviders } from "./providerEntries";
import type { AgentEndpoint } from "../settings/agentEndpoint";
import type { IntegrationSettings } from "../settings/integration";

/** The entries of the mesh configuration; only with AuthorizationPolicy enforcement. */
export function meshProviders(settings: IntegrationSettings, namespace: string): ExtensionProvider[] {
  const { agent, inspection, mesh, enforcement } = settings;
  return enforcement === Enforcement.AuthorizationPolicy
    ? extensionProviders(
        endpointOf(settings, namespace),
        inspection,
        mesh.providerNames,
        agent.expectResponseData,
      )
    : [];
}

/** Where the proxies find the agent. */
export function endpointOf(settings: IntegrationSettings, namespace: string): AgentEndpoint {
  const { placement, enforcement, agent, mesh } = settings;
  const endpoint = agentEndpoint({ placement, agent, clusterDomain: mesh.clusterDomain }, namespace);
  // An EnvoyFilter brings a cluster of its own and needs no host of the mesh.
  return placement === Placement.Sidecar && usesEnvoyFilters(enforcement)
    ? { ...endpoint, host: "127.0.0.1" }
    : endpoint;
}
