import { readFileSync } from "node:fs";
import { applyObjects, ensureNamespace, parseObjects } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster, ClusterOptions } from "../stack/cluster";
import { startControllers } from "./controllers";
import { startPodRunner } from "./podRunner";
import type { PodProcesses } from "./podNode";
import type { PodRunner } from "./podRunner";

/** A cluster with Istio's definitions, controllers and pods that become ready. */
export interface World {
  readonly cluster: Cluster;
  readonly pods: PodRunner;
  /** Stops everything. */
  stop(): Promise<void>;
}

/**
 * Starts a {@link World}; takes some ten seconds.
 *
 * @param options - How the cluster is started. Default: with Istio's definitions, without users beside the
 * administrator.
 * @param processes - What runs in the pods, which are on a node then. Default: nothing, on no node.
 */
export async function startWorld(options: ClusterOptions = {}, processes?: PodProcesses): Promise<World> {
  const cluster = await startCluster({ istioCrds: true, ...options });
  try {
    const controllers = await startControllers(cluster.kubeconfig);
    const pods = startPodRunner(cluster.kubeconfig, processes);
    return {
      cluster,
      pods,
      stop: async () => {
        try {
          await pods.stop();
        } finally {
          await controllers.stop();
          await cluster.stop();
        }
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** The mesh text of Istio's default profile, as its chart renders it. */
export const chartText = [
  "defaultConfig:",
  "  discoveryAddress: istiod.istio-system.svc:15012",
  "defaultProviders:",
  "  metrics:",
  "  - prometheus",
  "enablePrometheusMerge: true",
  "rootNamespace: istio-system",
  "trustDomain: cluster.local",
].join("\n");

/**
 * Applies the mesh ConfigMap as istioctl does: server-side, by force, manager `istio-operator`.
 *
 * @param cluster - The cluster.
 * @param text - The key `mesh`.
 * @param name - Name of the ConfigMap.
 */
export async function applyMesh(cluster: Cluster, text = chartText, name = "istio"): Promise<void> {
  await ensureNamespace(cluster.kubeconfig, "istio-system");
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "istio-system", labels: { "istio.io/rev": "default" } },
    data: { mesh: text, meshNetworks: "networks: {}" },
  };
  await applyObjects(cluster.kubeconfig, [configMap], { fieldManager: "istio-operator", force: true });
}

/**
 * Applies the workloads of an example, their namespaces first.
 *
 * @param cluster - The cluster.
 * @param file - Path of the manifests.
 */
export async function applyWorkloads(cluster: Cluster, file: string): Promise<void> {
  const objects: PlainObject[] = parseObjects(readFileSync(file, "utf8"));
  const namespaces = new Set(objects.flatMap((object) => object.metadata.namespace ?? []));
  for (const namespace of namespaces) {
    await ensureNamespace(cluster.kubeconfig, namespace);
  }
  await applyObjects(cluster.kubeconfig, objects, { fieldManager: "kubectl", force: true });
}
