import { proxiesByLabels, proxiesByReference, selectionOverlap } from "../enforcement/proxySelection";
import type { SelectedProxies } from "../enforcement/proxySelection";
import { isWaypoint } from "../kubernetes/injection";
import { at, hasLabels, labelsOf, listAt, namespaceOf, textAt, textMapAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import type { ClusterFacts } from "./clusterFacts";
import { runningPods } from "./targetPods";

/** How two selections relate: on some pod for certain, on a possible pod, or never. */
export type Overlap = "certain" | "possible" | "none";

/** The proxies that a resource of somebody else is for: its spec has a selector of policies or of EnvoyFilters, or `targetRefs`. */
export function proxiesOfPolicy(policy: LiveObject): SelectedProxies[] {
  const namespace = namespaceOf(policy);
  const references = [...listAt(policy, "spec", "targetRefs"), at(policy, "spec", "targetRef")].flatMap(
    (reference) => {
      const [kind, name] = [textAt(reference, "kind"), textAt(reference, "name")];
      return kind === undefined || name === undefined ? [] : [proxiesByReference(namespace, { kind, name })];
    },
  );
  return references.length > 0
    ? references
    : [
        proxiesByLabels(namespace, {
          ...textMapAt(policy, "spec", "selector", "matchLabels"),
          ...textMapAt(policy, "spec", "workloadSelector", "labels"),
        }),
      ];
}

/**
 * Whether proxies of a selection are those of another one too. Where the selectors leave it open, the pods say, and the
 * pod templates of workloads that have none at the moment.
 */
export function liveOverlap(
  facts: ClusterFacts,
  one: readonly SelectedProxies[],
  other: readonly SelectedProxies[],
  rootNamespace: string,
): Overlap {
  const bySelectors = selectionOverlap(one, other, rootNamespace);
  if (bySelectors !== "open") {
    return bySelectors;
  }
  const shared = one.flatMap((mine) =>
    other.map((theirs): Overlap => {
      const open = selectionOverlap([mine], [theirs], rootNamespace) === "open";
      return open ? onPods(facts, mine, theirs, rootNamespace) : "none";
    }),
  );
  return shared.includes("certain") ? "certain" : shared.includes("possible") ? "possible" : "none";
}

function onPods(
  facts: ClusterFacts,
  one: SelectedProxies,
  other: SelectedProxies,
  rootNamespace: string,
): Overlap {
  if (one.waypointOf !== undefined || other.waypointOf !== undefined) {
    return "possible";
  }
  // Where both meet: a selector of the root namespace reaches the namespace of the other one.
  const isRoot = one.spreads && one.namespace === rootNamespace;
  const place = isRoot ? other.namespace : one.namespace;
  const inBoth = isRoot && other.spreads && other.namespace === rootNamespace;
  const pods = livePods(facts).filter(({ namespace }) => inBoth || namespace === place);
  const ours = pods.filter((pod) => isSelected(one, pod));
  if (ours.some((pod) => isSelected(other, pod))) {
    return "certain";
  }
  // The pods of every namespace are never listed.
  return ours.length > 0 && !inBoth ? "none" : "possible";
}

interface LivePod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isWaypoint: boolean;
}

function livePods(facts: ClusterFacts): LivePod[] {
  const templates = (facts.workloads ?? []).map((workload) => [workload, at(workload, "spec", "template")]);
  const pods = (runningPods(facts) ?? []).map((pod) => [pod, pod]);
  return [...pods, ...templates].map(([object, pod]) => ({
    namespace: textAt(object, "metadata", "namespace") ?? "",
    labels: textMapAt(pod, "metadata", "labels"),
    isWaypoint: isWaypoint(pod),
  }));
}

/** The running pods whose proxies are in a selection; undefined when pods could not be listed. */
export function selectedPods(
  facts: ClusterFacts,
  selection: readonly SelectedProxies[],
): LiveObject[] | undefined {
  return runningPods(facts)?.filter((pod) =>
    selection.some(
      (selected) =>
        selected.namespace === namespaceOf(pod) &&
        isSelected(selected, {
          namespace: namespaceOf(pod),
          labels: labelsOf(pod),
          isWaypoint: isWaypoint(pod),
        }),
    ),
  );
}

function isSelected(selected: SelectedProxies, pod: LivePod): boolean {
  return hasLabels(pod.labels, selected.labels) && (selected.isWaypoint ?? pod.isWaypoint) === pod.isWaypoint;
}
