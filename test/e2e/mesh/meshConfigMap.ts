import { CoreV1Api, KubeConfig, V1ConfigMap, V1ObjectMeta } from "@kubernetes/client-node";
import type { Owner } from "../lifecycle/meshWatch";
import { applyMesh } from "../lifecycle/world";
import { applyObjects } from "../stack/apply";
import type { Cluster } from "../stack/cluster";

const metadata = { name: "istio", namespace: "istio-system" };
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Makes the ConfigMap `istio-system/istio` as somebody does who installs Istio.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 * @param owner - How: as istioctl, as kubectl apply with its annotation, or as kubectl create.
 * @param text - The key `mesh`.
 */
export async function createMesh(kubeconfig: string, owner: Owner, text: string): Promise<void> {
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: text } };
  if (owner === "server-side apply") {
    await applyObjects(kubeconfig, [configMap], { fieldManager: "istio-operator" });
    return;
  }
  const applied = owner === "client-side apply";
  const body = new V1ConfigMap();
  body.data = configMap.data;
  body.metadata = Object.assign(new V1ObjectMeta(), metadata);
  if (applied) {
    body.metadata.annotations = { [lastApplied]: JSON.stringify(configMap) };
  }
  await coreApi(kubeconfig).createNamespacedConfigMap({
    namespace: metadata.namespace,
    body,
    fieldManager: applied ? "kubectl-client-side-apply" : "kubectl-create",
  });
}

/** Removes the ConfigMap. */
export async function deleteMesh(kubeconfig: string): Promise<void> {
  await coreApi(kubeconfig).deleteNamespacedConfigMap(metadata);
}

/**
 * Puts a new ConfigMap in its place, without the marks of earlier components.
 *
 * @param cluster - The cluster.
 * @param text - The key `mesh`. Default: that of Istio's chart.
 */
export async function freshMesh(cluster: Cluster, text?: string): Promise<void> {
  await deleteMesh(cluster.kubeconfig);
  await applyMesh(cluster, text);
}

/** Reads the ConfigMap. */
export async function readMesh(kubeconfig: string): Promise<V1ConfigMap> {
  return coreApi(kubeconfig).readNamespacedConfigMap(metadata);
}

function coreApi(kubeconfig: string): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config.makeApiClient(CoreV1Api);
}
