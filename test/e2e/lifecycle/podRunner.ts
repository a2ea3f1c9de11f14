import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { V1Pod } from "@kubernetes/client-node";
import { isThere } from "./isThere";
import { nameOf, PodNode, runningStatus, writeStatus } from "./podNode";
import type { PodProcesses } from "./podNode";

/** What happened when a pod wanted to start. */
export interface PodStart {
  /** Name of the pod. */
  readonly pod: string;
  /** Image of its first container. */
  readonly image: string;
  /** Names of the Secrets that its variables come from. */
  readonly secrets: readonly string[];
  /** Those of them that did not exist: a kubelet would answer CreateContainerConfigError. */
  readonly missing: readonly string[];
}

/** Plays the kubelet: pods become ready as on a node. */
export interface PodRunner {
  /** Every attempt to start a pod, in order. */
  readonly starts: readonly PodStart[];
  /** Stops it. Safe to call twice. */
  stop(): Promise<void>;
}

const pauseMilliseconds = 100;

/**
 * Makes each pod running and ready as soon as the Secrets that its variables come from exist. Only the part of a
 * kubelet is played that a rollout waits for.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 * @param processes - What runs in the pods. Default: nothing; pods are ready at once and gone at once.
 */
export function startPodRunner(kubeconfig: string, processes?: PodProcesses): PodRunner {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const starts: PodStart[] = [];
  const state = { stopping: false };
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  const node = processes && new PodNode(api, processes, fail);
  const address = processes?.address ?? podAddress;
  const loop = (async (): Promise<void> => {
    if (node !== undefined) {
      await PodNode.register(kubeconfig);
    }
    for (let number = 1; !state.stopping;) {
      const { items } = await api.listPodForAllNamespaces();
      for (const pod of items.filter(wantsToStart)) {
        if (node?.has(pod) !== true && (await tryToStart(api, node, pod, address(number), starts))) {
          number += 1;
        }
      }
      node?.endDeleted(items);
      await delay(pauseMilliseconds);
    }
    await node?.settled();
  })().catch(fail);
  return {
    starts,
    stop: async () => {
      state.stopping = true;
      await loop;
      if (failure !== undefined) {
        throw new Error("The pod runner failed, so rollouts waited for nothing", { cause: failure });
      }
    },
  };
}

function podAddress(number: number): string {
  return `10.244.${Math.floor(number / 250)}.${1 + (number % 250)}`;
}

function wantsToStart(pod: V1Pod): boolean {
  return pod.metadata?.deletionTimestamp === undefined && pod.status?.phase !== "Running";
}

async function tryToStart(
  api: CoreV1Api,
  node: PodNode | undefined,
  pod: V1Pod,
  podIP: string,
  starts: PodStart[],
): Promise<boolean> {
  const { name: podName, namespace } = nameOf(pod);
  const secrets = secretsOf(pod);
  const missing: string[] = [];
  for (const name of secrets) {
    if (!(await isThere(() => api.readNamespacedSecret({ name, namespace })))) {
      missing.push(name);
    }
  }
  starts.push({ pod: podName, image: pod.spec?.containers[0]?.image ?? "", secrets, missing });
  if (missing.length > 0) {
    return false;
  }
  // A pod that was deleted in the meantime is no failure; a new one is looked at in the next round.
  return node === undefined ? writeStatus(api, pod, runningStatus(podIP, true)) : node.start(pod, podIP);
}

function secretsOf(pod: V1Pod): string[] {
  const variables = (pod.spec?.containers ?? []).flatMap((container) => container.env ?? []);
  const names = variables.flatMap((variable) => variable.valueFrom?.secretKeyRef?.name ?? []);
  return [...new Set(names)];
}
