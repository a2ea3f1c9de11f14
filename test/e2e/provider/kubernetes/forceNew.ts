import type { JsonObject } from "../values";
import { gvkOf } from "./objects";

/** Settings of the provider that change what forces a replacement. */
export interface Mutability {
  readonly secretsMutable: boolean;
  readonly configMapsMutable: boolean;
}

const IDENTITY = ["metadata.name", "metadata.namespace"] as const;
const WORKLOAD = ["spec.selector"] as const;
const ROLE_BINDING = ["roleRef"] as const;
const JOB = ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"] as const;
const STATEFUL_SET = [
  "spec.podManagementPolicy",
  "spec.revisionHistoryLimit",
  "spec.selector",
  "spec.serviceName",
  "spec.volumeClaimTemplates",
] as const;
const PERSISTENT_VOLUME_CLAIM = [
  "spec.accessModes",
  "spec.selector",
  "spec.storageClassName",
  "spec.volumeName",
] as const;
const POD = [
  "spec.affinity",
  "spec.automountServiceAccountToken",
  "spec.containers",
  "spec.dnsConfig",
  "spec.dnsPolicy",
  "spec.enableServiceLinks",
  "spec.hostAliases",
  "spec.hostIPC",
  "spec.hostNetwork",
  "spec.hostPID",
  "spec.hostname",
  "spec.imagePullSecrets",
  "spec.initContainers",
  "spec.nodeName",
  "spec.nodeSelector",
  "spec.priorityClassName",
  "spec.restartPolicy",
  "spec.schedulerName",
  "spec.securityContext",
  "spec.serviceAccountName",
  "spec.terminationGracePeriodSeconds",
  "spec.volumes",
] as const;

/** Fields of a kind that cannot change in place, by `group/version/kind`; Secret and ConfigMap are decided apart. */
const FORCE_NEW: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": WORKLOAD,
  "apps/v1/Deployment": WORKLOAD,
  "apps/v1/StatefulSet": STATEFUL_SET,
  "batch/v1/Job": JOB,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ROLE_BINDING,
  "rbac.authorization.k8s.io/v1/RoleBinding": ROLE_BINDING,
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "/v1/PersistentVolumeClaim": PERSISTENT_VOLUME_CLAIM,
  "/v1/Pod": POD,
  "/v1/ResourceQuota": ["spec.scopes"],
  "/v1/Secret": ["type"],
  "/v1/Service": ["spec.clusterIP"],
};

/**
 * The fields (paths of keys joined by dots) whose change replaces the object instead of updating it.
 * A Patch is replaced only when it points at another object. Secrets and ConfigMaps are replaced when their data
 * changes, unless the provider is told that they are mutable; one that says `immutable: true` is replaced anyway.
 */
export function forceNewPaths(newInputs: JsonObject, isPatch: boolean, mutability: Mutability): string[] {
  if (isPatch) {
    return [...IDENTITY];
  }
  const { group, version, kind } = gvkOf(newInputs);
  const immutable = newInputs.immutable === true;
  const key = `${group}/${version}/${kind}`;
  if (key === "/v1/Secret" && (immutable || !mutability.secretsMutable)) {
    return [...IDENTITY, "type", "stringData", "data"];
  }
  if (key === "/v1/ConfigMap" && (immutable || !mutability.configMapsMutable)) {
    return [...IDENTITY, "binaryData", "data"];
  }
  return [...IDENTITY, ...(FORCE_NEW[key] ?? [])];
}
