import type { ExcludedPodsArgs } from "../args/sidecar";
import { annotationsOf, hasLabels } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";

/** Key of the annotation of an object of a target that names the pods which stay without the agent. */
export const excludedPodsAnnotation = "pulumi-sigsci-istio/excluded-pods";

/** What the annotation says: `a=b,c=d; e=f` for pods with both labels or with the third. */
export function excludedPodsText(excluded: readonly ExcludedPodsArgs[]): string {
  return excluded
    .map(({ matchLabels }) =>
      Object.entries(matchLabels)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    )
    .join("; ");
}

/** The pods that stay without the agent, as the annotation of an object says; none without it. */
export function excludedPodsOf(object: LiveObject): ExcludedPodsArgs[] {
  const text = annotationsOf(object)[excludedPodsAnnotation] ?? "";
  // Neither sign can stand in a label. What has no labels would mean every pod.
  const groups = text.split(";").map((group) => group.trim().split(","));
  return groups
    .filter((labels) => labels.every((label) => label.includes("=")))
    .map((labels) => ({ matchLabels: Object.fromEntries(labels.map(keyAndValue)) }));
}

function keyAndValue(label: string): [string, string] {
  const [key = "", value = ""] = label.split("=");
  return [key, value];
}

/** Whether the labels of a pod are among those of the pods that stay without the agent. */
export function isExcluded(
  labels: Readonly<Record<string, string>>,
  excluded: readonly ExcludedPodsArgs[],
): boolean {
  return excluded.some(({ matchLabels }) => hasLabels(labels, matchLabels));
}
