import { setTimeout as delay } from "node:timers/promises";
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";
import type { V1Pod } from "@kubernetes/client-node";

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

/** Plays the kubelet: there are no nodes, but pods become ready as on one. */
export interface PodRunner {
  /** Every attempt to start a pod, in order. */
  readonly starts: readonly PodStart[];
  /** Stops it. Safe to call twice. */
  stop(): Promise<void>;
}

const pauseMilliseconds = 100;

/**
 * Makes each pod running and ready as soon as the Secrets that its variables come from exist. Only the part of a
 * kubelet is played that a rollout waits for; nothing runs.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export function startPodRunner(kubeconfig: string): PodRunner {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const starts: PodStart[] = [];
  const state = { stopping: false };
  let failure: unknown;
  const loop = (async (): Promise<void> => {
    for (let address = 1; !state.stopping;) {
      const { items } = await api.listPodForAllNamespaces();
      for (const pod of items.filter(wantsToStart)) {
        if (await tryToStart(api, pod, podAddress(address), starts)) {
          address += 1;
        }
      }
      await delay(pauseMilliseconds);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
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

async function tryToStart(api: CoreV1Api, pod: V1Pod, podIP: string, starts: PodStart[]): Promise<boolean> {
  const name = pod.metadata?.name ?? "";
  const namespace = pod.metadata?.namespace ?? "";
  const secrets = secretsOf(pod);
  const missing: string[] = [];
  for (const secret of secrets) {
    if (!(await exists(() => api.readNamespacedSecret({ name: secret, namespace })))) {
      missing.push(secret);
    }
  }
  starts.push({ pod: name, image: pod.spec?.containers[0]?.image ?? "", secrets, missing });
  if (missing.length > 0) {
    return false;
  }
  const conditions = ["Initialized", "ContainersReady", "Ready", "PodScheduled"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: new Date(),
  }));
  const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], conditions, startTime: new Date() };
  // A pod that was deleted in the meantime is no failure; a new one is looked at in the next round.
  return exists(() =>
    api.patchNamespacedPodStatus(
      { name, namespace, body: { status } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    ),
  );
}

function secretsOf(pod: V1Pod): string[] {
  const variables = (pod.spec?.containers ?? []).flatMap((container) => container.env ?? []);
  const names = variables.flatMap((variable) => variable.valueFrom?.secretKeyRef?.name ?? []);
  return [...new Set(names)];
}

async function exists(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (error instanceof ApiException && (error.code === 404 || error.code === 409)) {
      return false;
    }
    throw error;
  }
}
