import { enforcementName } from "../enforcement/metadata";
import { injectionOf } from "../kubernetes/injection";
import type { Injection } from "../kubernetes/injection";
import type { ClusterFacts } from "./clusterFacts";
import {
  at,
  hasLabels,
  labelsOf,
  listAt,
  nameOf,
  namespaceOf,
  textAt,
  textMapAt,
  textsAt,
} from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { rootNamespaceOf } from "./meshView";
import type { KnownTarget, PreflightSubject } from "./subject";

/** `<namespace>/<name>` of the policy and of the Telemetry that each target gets. */
export function ownPolicies({ name, targets }: PreflightSubject): ReadonlySet<string> {
  return new Set(targets.map((target) => `${target.namespace}/${enforcementName(name, target.name)}`));
}

/** The namespaces of the targets, each once. */
export function targetNamespaces({ targets }: PreflightSubject): string[] {
  return [...new Set(targets.map(({ namespace }) => namespace))];
}

/**
 * The live pods of each target that selects by labels; a pod that has ended does not count.
 *
 * @returns by target; undefined when the pods could not be listed.
 */
export function podsOfTargets(
  facts: ClusterFacts,
  subject: PreflightSubject,
): ReadonlyMap<KnownTarget, LiveObject[]> | undefined {
  const running = facts.pods?.filter(
    (pod) => !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase") ?? ""),
  );
  return running && selectedBy(rootNamespaceOf(facts, subject), subject, running, labelsOf);
}

/**
 * The workloads whose pods each target selects.
 *
 * @returns by target; undefined when the workloads could not be listed.
 */
export function workloadsOfTargets(
  facts: ClusterFacts,
  subject: PreflightSubject,
): ReadonlyMap<KnownTarget, LiveObject[]> | undefined {
  const podLabels = (workload: LiveObject): Record<string, string> =>
    textMapAt(workload, "spec", "template", "metadata", "labels");
  const { workloads } = facts;
  return workloads && selectedBy(rootNamespaceOf(facts, subject), subject, workloads, podLabels);
}

function selectedBy(
  root: string,
  subject: PreflightSubject,
  objects: readonly LiveObject[],
  labels: (object: LiveObject) => Record<string, string>,
): Map<KnownTarget, LiveObject[]> {
  const byLabels = subject.targets.filter(({ targetRefs }) => targetRefs === undefined);
  const selects = ({ namespace, matchLabels = {} }: KnownTarget, object: LiveObject): boolean =>
    [namespaceOf(object), root].includes(namespace) && hasLabels(labels(object), matchLabels);
  return new Map(byLabels.map((target) => [target, objects.filter((object) => selects(target, object))]));
}

/** How a pod of a namespace gets its proxy. Of a namespace that is not known nothing is assumed. */
export function injectionIn(facts: ClusterFacts, namespace: string, pod: LiveObject): Injection {
  const found = facts.namespaces?.find((one) => nameOf(one) === namespace);
  return injectionOf(pod, namespace, found === undefined ? {} : labelsOf(found));
}

/** How a policy of somebody else and a target relate: on some pod for certain, on a possible pod, or never. */
export type Overlap = "certain" | "possible" | "none";

/**
 * Whether a policy resource of somebody else reaches proxies of a target.
 *
 * @param policy - An object whose spec has `selector` or `targetRefs`, as an AuthorizationPolicy.
 * @param pods - The pods of the target; undefined when they are not known.
 */
export function overlapOf(
  policy: LiveObject,
  target: KnownTarget,
  pods: readonly LiveObject[] | undefined,
  rootNamespace: string,
): Overlap {
  const everywhere = namespaceOf(policy) === rootNamespace || target.namespace === rootNamespace;
  if (namespaceOf(policy) !== target.namespace && !everywhere) {
    return "none";
  }
  const theirRefs = referencesOf(policy);
  if (theirRefs.length > 0 || target.targetRefs !== undefined) {
    const ours = (target.targetRefs ?? []).map(({ kind, name }) => `${kind}/${name}`);
    const sameNamespace = namespaceOf(policy) === target.namespace;
    return sameNamespace && theirRefs.some((reference) => ours.includes(reference)) ? "certain" : "none";
  }
  const theirs = textMapAt(policy, "spec", "selector", "matchLabels");
  const ours = target.matchLabels ?? {};
  if (hasLabels(ours, theirs)) {
    return "certain";
  }
  if (pods !== undefined && pods.length > 0) {
    return pods.some((pod) => hasLabels(labelsOf(pod), theirs)) ? "certain" : "none";
  }
  const contradicts = Object.entries(theirs).some(([key, value]) => (ours[key] ?? value) !== value);
  return contradicts ? "none" : "possible";
}

function referencesOf(policy: LiveObject): string[] {
  return [...listAt(policy, "spec", "targetRefs"), at(policy, "spec", "targetRef")].flatMap((reference) => {
    const [kind, name] = [textAt(reference, "kind"), textAt(reference, "name")];
    return kind === undefined || name === undefined ? [] : [`${kind}/${name}`];
  });
}

/** Whether an object with `exportTo` is visible in a namespace. */
export function isExportedTo(object: LiveObject, namespace: string): boolean {
  const exported = textsAt(object, "spec", "exportTo");
  return (
    exported.length === 0 ||
    exported.includes("*") ||
    exported.includes(namespace) ||
    (exported.includes(".") && namespaceOf(object) === namespace)
  );
}
