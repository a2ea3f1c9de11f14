import { isDeepStrictEqual } from "node:util";
import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";

/** An object without what the API server writes into it by itself. */
export type PlainKubernetesObject = Record<string, unknown>;

const kinds: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Namespace"],
  ["v1", "ConfigMap"],
  ["v1", "Secret"],
  ["v1", "Service"],
  ["v1", "ServiceAccount"],
  ["v1", "Pod"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "ReplicaSet"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["policy/v1", "PodDisruptionBudget"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["discovery.k8s.io/v1", "EndpointSlice"],
  ["security.istio.io/v1", "AuthorizationPolicy"],
  ["telemetry.istio.io/v1", "Telemetry"],
  ["networking.istio.io/v1", "ServiceEntry"],
  ["networking.istio.io/v1alpha3", "EnvoyFilter"],
  ["admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"],
  ["admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding"],
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"],
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"],
];

/**
 * Every object of the kinds that this package or an application may create, by `<kind> <namespace>/<name>`, without
 * versions, times and managers.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export async function clusterObjects(kubeconfig: string): Promise<Map<string, PlainKubernetesObject>> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = KubernetesObjectApi.makeApiClient(config);
  const found = new Map<string, PlainKubernetesObject>();
  for (const [apiVersion, kind] of kinds) {
    const { items } = await api.list(apiVersion, kind);
    for (const item of items) {
      found.set(
        `${kind} ${item.metadata?.namespace ?? ""}/${item.metadata?.name ?? ""}`,
        withoutServerFields(item),
      );
    }
  }
  return found;
}

/** An object as somebody wrote it: without what the API server and controllers add. */
export function withoutServerFields(item: object): PlainKubernetesObject {
  // A copy as plain data: dates become text, undefined fields go.
  const copy = JSON.parse(JSON.stringify(item)) as PlainKubernetesObject & {
    metadata: Record<string, unknown>;
  };
  // What a controller says of an object is not its content, and comes when it comes.
  Reflect.deleteProperty(copy, "status");
  for (const field of ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid"]) {
    Reflect.deleteProperty(copy.metadata, field);
  }
  return copy;
}

/** What differs between two states of a cluster. */
export interface ClusterDifference {
  /** Objects that only the later state has. */
  added: string[];
  /** Objects that only the earlier state has. */
  removed: string[];
  /** Objects whose content differs. */
  changed: string[];
}

/**
 * Compares two states of a cluster object by object.
 *
 * @param before - The earlier state.
 * @param after - The later state.
 */
export function compareObjects(
  before: ReadonlyMap<string, PlainKubernetesObject>,
  after: ReadonlyMap<string, PlainKubernetesObject>,
): ClusterDifference {
  return {
    added: [...after.keys()].filter((key) => !before.has(key)).sort(),
    removed: [...before.keys()].filter((key) => !after.has(key)).sort(),
    changed: [...after.keys()]
      .filter((key) => before.has(key) && !isDeepStrictEqual(before.get(key), after.get(key)))
      .sort(),
  };
}

/** The annotation in which a Deployment counts its rollouts. */
const rolloutCount = "deployment.kubernetes.io/revision";

/**
 * The objects without the traces of a rollout: pods and ReplicaSets, whose names follow the pod template, and the
 * count that a Deployment keeps. What is left is what somebody wrote.
 *
 * @param objects - What {@link clusterObjects} gave.
 */
export function withoutRollouts(
  objects: ReadonlyMap<string, PlainKubernetesObject>,
): Map<string, PlainKubernetesObject> {
  const kept = [...objects].filter(([name]) => !/^(Pod|ReplicaSet) /.test(name));
  return new Map(
    kept.map(([name, object]) => {
      const copy = structuredClone(object) as { metadata: { annotations?: Record<string, string> } };
      if (copy.metadata.annotations !== undefined) {
        Reflect.deleteProperty(copy.metadata.annotations, rolloutCount);
      }
      return [name, { ...copy }];
    }),
  );
}
