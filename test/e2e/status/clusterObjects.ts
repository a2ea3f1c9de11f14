import { ApiException, CoreV1Api, KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import type { Manifest } from "../datapath/mesh";
import { applyObjects } from "../stack/apply";

/** Puts a pod on its node, running, with all its containers ready. One of its name is replaced. */
export async function runPod(kubeconfig: string, pod: Manifest, address: string): Promise<void> {
  await deleteObject(kubeconfig, pod);
  await applyObjects(kubeconfig, [pod]);
  const { name, namespace = "default" } = pod.metadata;
  const { spec } = pod as Manifest & { spec: { containers: Named[]; initContainers?: Named[] } };
  const status = {
    phase: "Running",
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: spec.containers.map(readyStatus),
    initContainerStatuses: (spec.initContainers ?? []).map(readyStatus),
  };
  const body = [{ op: "add", path: "/status", value: status }];
  await configOf(kubeconfig).makeApiClient(CoreV1Api).patchNamespacedPodStatus({ name, namespace, body });
}

/** Deletes an object at once; one that is gone already does not matter. */
export async function deleteObject(kubeconfig: string, object: Manifest): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(configOf(kubeconfig));
  try {
    await api.delete(object, undefined, undefined, 0);
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 404)) {
      throw error;
    }
  }
}

interface Named {
  readonly name: string;
}

function readyStatus({ name }: Named): object {
  const state = { running: {} };
  return { name, ready: true, started: true, restartCount: 0, image: name, imageID: "", state };
}

function configOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
