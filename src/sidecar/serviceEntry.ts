import type * as pulumi from "@pulumi/pulumi";
import type { AgentEndpoint } from "../settings/agentEndpoint";

/** Spec of a ServiceEntry, as far as it is used here. */
export interface ServiceEntrySpec {
  /** The host name. */
  hosts: string[];
  /** Namespaces whose proxies learn of it; `*` means all. */
  exportTo: pulumi.Input<string[]>;
  /** Outside of the mesh: no mutual TLS is expected from the agent. */
  location: "MESH_EXTERNAL";
  /** The addresses below are what there is. */
  resolution: "STATIC";
  /** The agent's port. */
  ports: { number: number; name: string; protocol: string }[];
  /** The agent's address, as each proxy sees it. */
  endpoints: { address: string }[];
}

/**
 * The ServiceEntry by which `extensionProviders`, which name a host of the mesh, reach the agent in the pod of each
 * proxy. One serves every target.
 *
 * Source: Istio, "ServiceEntry"; for the address, guide, "Adding the Istio EnvoyFilter object".
 *
 * @param namespaces - Namespaces of the targets; proxies elsewhere learn nothing of it.
 */
export function sidecarServiceEntry(
  { host, port }: AgentEndpoint,
  namespaces: pulumi.Input<string[]>,
): ServiceEntrySpec {
  return {
    hosts: [host],
    exportTo: namespaces,
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: port, name: "grpc", protocol: "GRPC" }],
    endpoints: [{ address: "127.0.0.1" }],
  };
}
