import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import type { KubernetesObject } from "@kubernetes/client-node";
import { applyObjects, ensureNamespace, type PlainObject } from "../../stack/apply";
import { modelWorkload } from "./modelWorkload";

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet"];

/** Whether an object is of a kind that has a pod template; a patch of one is no whole object. */
export function isWorkload({ kind }: PlainObject): boolean {
  return workloadKinds.includes(kind);
}

/**
 * What the API server makes of a patch: the model workload with the patch applied to it, and what belongs to it.
 * Nothing is left in the cluster.
 *
 * @param patch what a `DeploymentPatch`, `StatefulSetPatch` or `DaemonSetPatch` holds
 * @throws ApplyRefused when the API server refuses the patch
 */
export async function patchedWorkload(
  kubeconfig: string,
  patch: PlainObject,
): Promise<{ workload: PlainObject; companions: readonly PlainObject[] }> {
  const { workload, companions } = modelWorkload(patch);
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = KubernetesObjectApi.makeApiClient(config);
  const { name, namespace = "default" } = workload.metadata;
  const key = { apiVersion: workload.apiVersion, kind: workload.kind, metadata: { name, namespace } };
  await ensureNamespace(kubeconfig, namespace);
  await applyObjects(kubeconfig, [workload], { fieldManager: "owner" });
  try {
    await applyObjects(kubeconfig, [patch], { fieldManager: "patch" });
    const { metadata, spec } = await api.read<KubernetesObject & { spec?: object }>(key);
    // As plain data; what the API server says of itself is left out.
    const merged = { ...key, metadata: { name, namespace, labels: metadata?.labels }, spec };
    return { workload: JSON.parse(JSON.stringify(merged)) as PlainObject, companions }; // undefined fields go
  } finally {
    await api.delete(key);
  }
}
