import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions, V1Binding } from "@kubernetes/client-node";
import type { V1Pod } from "@kubernetes/client-node";
import { applyObjects } from "../stack/apply";
import { isThere } from "./isThere";

/** What the container of a pod does, for pods that are more than an entry in the API. */
export interface PodProcesses {
  /** Address of the pod that is the given one in order, from 1 on. */
  readonly address: (number: number) => string;
  /** Starts the container; the pod is ready when this is done. */
  start(pod: V1Pod, address: string): Promise<void>;
  /** Ends the container of a pod that is being deleted, after its preStop hook; the pod goes when this is done. */
  stop(pod: V1Pod): Promise<void>;
}

/** Name of the node. */
export const nodeName = "e2e-node";

/**
 * The node that pods with processes run on. Only with one does the API server let a deleted pod stay for its grace
 * period, and the controllers take it out of the endpoints at once, as in any cluster.
 */
export class PodNode {
  /** What is under way for each pod, by uid: its start, then its end. */
  private readonly lives = new Map<string, Promise<void>>();
  private readonly ending = new Set<string>();

  constructor(
    private readonly api: CoreV1Api,
    private readonly processes: PodProcesses,
    private readonly fail: (error: unknown) => void,
  ) {}

  /**
   * Makes the node known to the cluster. The API server marks a new one as not ready, for DaemonSets too, and no kubelet
   * takes that back.
   *
   * @param kubeconfig - Path of an administrator's kubeconfig.
   */
  static async register(kubeconfig: string): Promise<void> {
    await applyObjects(kubeconfig, [{ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } }]);
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const body = [{ op: "add", path: "/spec/taints", value: [] }];
    await config.makeApiClient(CoreV1Api).patchNode({ name: nodeName, body });
  }

  /** Whether a pod has been started here. */
  has(pod: V1Pod): boolean {
    return this.lives.has(uidOf(pod));
  }

  /** Begins the life of a pod; it becomes ready later. False when the pod has gone in the meantime. */
  async start(pod: V1Pod, address: string): Promise<boolean> {
    const { name, namespace } = nameOf(pod);
    const target = { kind: "Node", name: nodeName };
    const body = Object.assign(new V1Binding(), { metadata: { name }, target });
    if (!(await isThere(() => this.api.createNamespacedPodBinding({ name, namespace, body })))) {
      return false;
    }
    const life = async (): Promise<void> => {
      await writeStatus(this.api, pod, runningStatus(address, false));
      await this.processes.start(pod, address);
      await writeStatus(this.api, pod, runningStatus(address, true));
    };
    this.lives.set(uidOf(pod), life().catch(this.fail));
    return true;
  }

  /** Begins the end of each pod that is being deleted, as a kubelet does: hook, signal, then the object goes. */
  endDeleted(pods: readonly V1Pod[]): void {
    for (const pod of pods) {
      const uid = uidOf(pod);
      const started = this.lives.get(uid);
      const isDeleted = pod.metadata?.deletionTimestamp !== undefined;
      if (!isDeleted || started === undefined || this.ending.has(uid)) {
        continue;
      }
      this.ending.add(uid);
      this.lives.set(uid, started.then(() => this.end(pod)).catch(this.fail));
    }
  }

  /** Returns when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.lives.values());
  }

  private async end(pod: V1Pod): Promise<void> {
    await this.processes.stop(pod);
    await isThere(() => this.api.deleteNamespacedPod({ ...nameOf(pod), gracePeriodSeconds: 0 }));
  }
}

/** The status of a pod whose containers run. */
export function runningStatus(podIP: string, isReady: boolean): object {
  const lastTransitionTime = new Date();
  const conditions = ["Initialized", "PodScheduled", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: isReady || !type.endsWith("Ready") ? "True" : "False",
    lastTransitionTime,
  }));
  return { phase: "Running", podIP, podIPs: [{ ip: podIP }], conditions, startTime: lastTransitionTime };
}

/** Writes what a kubelet says of a pod. False when the pod has gone in the meantime. */
export async function writeStatus(api: CoreV1Api, pod: V1Pod, status: object): Promise<boolean> {
  return isThere(() =>
    api.patchNamespacedPodStatus(
      { ...nameOf(pod), body: { status } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    ),
  );
}

/** Name and namespace of a pod that the API server has listed. */
export function nameOf(pod: V1Pod): { name: string; namespace: string } {
  return { name: pod.metadata?.name ?? "", namespace: pod.metadata?.namespace ?? "" };
}

function uidOf(pod: V1Pod): string {
  return pod.metadata?.uid ?? "";
}
