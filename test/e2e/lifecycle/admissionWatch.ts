import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import type { V1ContainerPort, V1NetworkPolicy, V1Pod } from "@kubernetes/client-node";

const pauseMilliseconds = 25;
const portName = "sigsci-grpc";

/** A watch over whether a NetworkPolicy lets requests in to the agents. */
export interface AdmissionWatch {
  /** Ports on which ready agents listened, each once, in the order in which they were seen. */
  readonly ports: readonly number[];
  /** What a ready agent was asked on and the policy did not allow, each once. */
  readonly refused: readonly string[];
  /** Ends the watch. */
  stop(): Promise<void>;
}

/**
 * Looks again and again at the ready agents and at the NetworkPolicy of the same name, as a network plugin does that
 * looks for the name of a port in the pod that is asked. No such plugin runs here.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 * @param of - Namespace and name of the agent.
 */
export function watchAdmission(
  kubeconfig: string,
  of: { readonly namespace: string; readonly name: string },
): AdmissionWatch {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const networking = config.makeApiClient(NetworkingV1Api);
  const ports = new Set<number>();
  const refused = new Set<string>();
  const state = { stopping: false };
  let failure: unknown;
  const loop = (async (): Promise<void> => {
    while (!state.stopping) {
      const policy = await networking.readNamespacedNetworkPolicy(of);
      const labelSelector = `app=${of.name}`;
      const { items } = await core.listNamespacedPod({ namespace: of.namespace, labelSelector });
      for (const port of items.filter(isReady).flatMap(grpcPorts)) {
        ports.add(port.containerPort);
        if (!isAllowed(policy, port)) {
          refused.add(`port ${port.containerPort} by ${JSON.stringify(policy.spec?.ingress)}`);
        }
      }
      await delay(pauseMilliseconds);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  return {
    get ports() {
      return [...ports];
    },
    get refused() {
      return [...refused];
    },
    stop: async () => {
      state.stopping = true;
      await loop;
      if (failure !== undefined) {
        throw new Error("The watch over the NetworkPolicy failed", { cause: failure });
      }
    },
  };
}

function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  return metadata?.deletionTimestamp === undefined && ready === true;
}

function grpcPorts({ spec }: V1Pod): V1ContainerPort[] {
  return (spec?.containers ?? []).flatMap((container) =>
    (container.ports ?? []).filter(({ name }) => name === portName),
  );
}

function isAllowed({ spec }: V1NetworkPolicy, { name, containerPort }: V1ContainerPort): boolean {
  return (spec?.ingress ?? []).some(({ ports }) =>
    ports?.some(({ port }) => port === name || port === containerPort),
  );
}
