import type * as pulumi from "@pulumi/pulumi";
import { ProgramScoped } from "../pulumi/programScoped";
import { ClusterClient } from "./clusterClient";
import { loadKubeconfig } from "./kubeconfig";
import type { KubeconfigChoice } from "./kubeconfig";

const clients = new ProgramScoped<Map<string, Promise<ClusterClient>>>(() => new Map());

/**
 * The client for a kubeconfig, one for all that a program asks: loading it takes most of a second, and credentials may
 * come from a program that takes longer.
 *
 * @param timeoutSeconds - Seconds for the credentials, and again for all that is asked of this client.
 * @throws KubeconfigError, RequestFailure
 */
export async function clientOf(
  component: pulumi.ComponentResource,
  { kubeconfig, context }: KubeconfigChoice,
  timeoutSeconds: number,
): Promise<ClusterClient> {
  const key = JSON.stringify([kubeconfig, context]);
  const ofProgram = clients.of(component);
  const open = async (): Promise<ClusterClient> =>
    ClusterClient.open(await loadKubeconfig({ kubeconfig, context }), timeoutSeconds);
  const client = ofProgram.get(key) ?? open();
  ofProgram.set(key, client);
  return (await client).within(timeoutSeconds);
}
