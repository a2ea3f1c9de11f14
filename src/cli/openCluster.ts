import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterClient } from "../kubernetes/clusterClient";
import { KubeconfigError, loadKubeconfig } from "../kubernetes/kubeconfig";
import { RequestFailure } from "../kubernetes/requestFailure";
import { Refusal } from "../offline/refusal";
import { kubeconfigRefusal } from "./clusterFailure";

const timeoutSeconds = 60;

/**
 * Opens the cluster that the flags of a command choose.
 *
 * @param flag - What the command takes in place of a cluster, for example `--file`.
 * @throws Refusal when there is no usable kubeconfig.
 */
export async function openCluster(
  choice: { readonly kubeconfig?: string; readonly context?: string },
  flag?: string,
): Promise<{ client: ClusterClient; config: KubeConfig }> {
  try {
    const config = await loadKubeconfig({ ...choice, interactive: true });
    const client = await ClusterClient.open(config);
    return { client: client.within(timeoutSeconds), config };
  } catch (error) {
    if (error instanceof KubeconfigError) {
      throw kubeconfigRefusal(error, choice, flag);
    }
    throw error instanceof RequestFailure ? new Refusal(error.message) : error;
  }
}
