import { at, textAt } from "./liveObject";

/** Where the pod template of each kind of workload stands; a Pod is its own template. */
const templatePaths: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  Rollout: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Pod: [],
};

const groups = new Set(["apps", "batch", "core", "extensions", "argoproj.io"]);
const typePattern = /^kubernetes:([^:/]+)\/[^:/]+:([A-Za-z]+)$/;

/** A kind of workload. */
export interface WorkloadType {
  /** For example `Deployment`. */
  kind: string;
  /** Fields that lead to the pod template. */
  templatePath: readonly string[];
}

/**
 * The kind of workload that a resource type is; undefined for every other resource, for lists of workloads and for
 * patches of them. Argo Rollouts come as custom resources.
 *
 * @param type - Type token, for example `kubernetes:apps/v1:Deployment`.
 */
export function workloadType(type: string): WorkloadType | undefined {
  const [, group = "", kind = ""] = typePattern.exec(type) ?? [];
  const path = templatePath(group, kind);
  return path === undefined ? undefined : { kind, templatePath: path };
}

/** The pod template of a manifest, for a Pod the Pod itself; undefined when it runs no pods. */
export function podTemplateOf(manifest: unknown): unknown {
  const [group = "", version] = (textAt(manifest, "apiVersion") ?? "").split("/");
  const path = templatePath(version === undefined ? "core" : group, textAt(manifest, "kind") ?? "");
  return path === undefined ? undefined : (at(manifest, ...path) ?? {});
}

function templatePath(group: string, kind: string): readonly string[] | undefined {
  return groups.has(group) && Object.hasOwn(templatePaths, kind) ? templatePaths[kind] : undefined;
}
