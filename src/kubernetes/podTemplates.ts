import { isRecord } from "../pulumi/inputs";
import { at, listAt, textAt } from "./liveObject";

/** Where the pod template of each kind of workload stands; a Pod is its own template. */
const templatePaths: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  Rollout: ["spec", "template"],
  DeploymentConfig: ["spec", "template"],
  CloneSet: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Pod: [],
};

// Those with a dot hold custom resources: of Argo Rollouts, OpenShift and OpenKruise.
const groups = new Set([
  "apps",
  "batch",
  "core",
  "extensions",
  "argoproj.io",
  "apps.openshift.io",
  "apps.kruise.io",
]);
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

/** The pod template of a manifest, for a Pod the Pod itself; undefined when it is of no kind above. */
export function podTemplateOf(manifest: unknown): unknown {
  const group = apiGroupOf(textAt(manifest, "apiVersion"));
  const path = templatePath(group === "" ? "core" : group, textAt(manifest, "kind") ?? "");
  return path === undefined ? undefined : (at(manifest, ...path) ?? {});
}

/** The API group of an `apiVersion`; empty for the core group. */
export function apiGroupOf(apiVersion = ""): string {
  const [group = "", version] = apiVersion.split("/");
  return version === undefined ? "" : group;
}

/** A pod template within a manifest. */
export interface NestedTemplate {
  /** Fields below `spec` that lead to it. */
  readonly path: readonly string[];
  readonly template: unknown;
}

// Deeper than any custom resource holds one, as far as is known.
const deepest = 8;

/** The pod templates in a manifest of whatever kind, such as a DeploymentConfig or a custom resource of an operator. */
export function nestedTemplates(manifest: unknown): NestedTemplate[] {
  return templatesBelow(at(manifest, "spec"), []);
}

function templatesBelow(value: unknown, path: readonly string[]): NestedTemplate[] {
  if (listAt(value, "spec", "containers").some(isRecord)) {
    return [{ path, template: value }];
  }
  const isNested = (isRecord(value) || Array.isArray(value)) && path.length < deepest;
  return isNested
    ? Object.entries(value).flatMap(([key, inner]) => templatesBelow(inner, [...path, key]))
    : [];
}

function templatePath(group: string, kind: string): readonly string[] | undefined {
  return groups.has(group) && Object.hasOwn(templatePaths, kind) ? templatePaths[kind] : undefined;
}
