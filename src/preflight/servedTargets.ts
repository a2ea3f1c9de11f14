import type { ClusterFacts } from "./clusterFacts";
import { revisionTags } from "./istiod";
import { hasProxy } from "../kubernetes/injection";
import { annotationsOf } from "../kubernetes/liveObject";
import { injectionIn, podsOfTargets } from "./targetPods";
import type { KnownTarget, PreflightSubject } from "./subject";

/** What {@link servedTargets} reads of the facts. */
export const servedTargetsNeed = [
  "namespaces",
  "pods",
  "istiods",
  "injectionWebhooks",
  "meshConfigMaps",
] as const;

/** A revision of Istio and the targets that it serves. */
export interface ServedTargets {
  /** The revision. */
  revision: string;
  /** Whether a pod of a target runs with it; else only a label asks for it. */
  runs: boolean;
  /** Names of the targets. */
  targets: string[];
}

/** Which revisions serve which targets. */
export function servedTargets(facts: ClusterFacts, subject: PreflightSubject): ServedTargets[] {
  const pods = podsOfTargets(facts, subject);
  const served = new Map<string, ServedTargets>();
  for (const target of subject.targets.filter(({ targetRefs }) => targetRefs === undefined)) {
    const running = (pods?.get(target) ?? []).filter(hasProxy);
    const revisions = new Set(
      running.map((pod) => annotationsOf(pod)["istio.io/rev"]).filter((revision) => revision !== undefined),
    );
    const asked = running.length > 0 ? undefined : askedRevision(facts, target);
    for (const revision of asked === undefined ? revisions : [asked]) {
      const entry = served.get(revision) ?? { revision, runs: false, targets: [] };
      entry.runs ||= asked === undefined;
      entry.targets.push(target.name);
      served.set(revision, entry);
    }
  }
  return [...served.values()];
}

/** The revision that would inject the target's pods, when none says which one did. */
function askedRevision(facts: ClusterFacts, { namespace, matchLabels }: KnownTarget): string | undefined {
  const injection = injectionIn(facts, namespace, { metadata: { labels: matchLabels } });
  const asked = injection.proxy === "sidecar" ? injection.revision : undefined;
  return asked === undefined ? undefined : (revisionTags(facts).get(asked) ?? asked);
}
