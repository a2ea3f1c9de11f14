import { enforcementName } from "../enforcement/metadata";
import { injectionOf, isWaypoint } from "../kubernetes/injection";
import type { Injection } from "../kubernetes/injection";
import type { ClusterFacts } from "./clusterFacts";
import {
  at,
  hasLabels,
  labelsOf,
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
  const running = runningPods(facts);
  return running && selectedBy(rootNamespaceOf(facts, subject), subject, running, (pod) => pod);
}

/** The pods that have not ended; undefined when they could not be listed. */
export function runningPods({ pods }: ClusterFacts): LiveObject[] | undefined {
  return pods?.filter((pod) => !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase") ?? ""));
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
  const template = (workload: LiveObject): unknown => at(workload, "spec", "template");
  const { workloads } = facts;
  return workloads && selectedBy(rootNamespaceOf(facts, subject), subject, workloads, template);
}

function selectedBy(
  root: string,
  subject: PreflightSubject,
  objects: readonly LiveObject[],
  podOf: (object: LiveObject) => unknown,
): Map<KnownTarget, LiveObject[]> {
  const byLabels = subject.targets.filter(({ targetRefs }) => targetRefs === undefined);
  const selects = ({ namespace, matchLabels = {} }: KnownTarget, object: LiveObject): boolean =>
    [namespaceOf(object), root].includes(namespace) &&
    hasLabels(textMapAt(podOf(object), "metadata", "labels"), matchLabels) &&
    !isWaypoint(podOf(object));
  return new Map(byLabels.map((target) => [target, objects.filter((object) => selects(target, object))]));
}

/** How a pod of a namespace gets its proxy. Of a namespace that is not known nothing is assumed. */
export function injectionIn(facts: ClusterFacts, namespace: string, pod: LiveObject): Injection {
  const found = facts.namespaces?.find((one) => nameOf(one) === namespace);
  return injectionOf(pod, namespace, found === undefined ? {} : labelsOf(found), facts.injectionWebhooks);
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
