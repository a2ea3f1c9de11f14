import type { TargetArgs } from "../args/targets";
import { containsDeferred, isDeferred } from "../pulumi/inputs";

/** A key of the proxies that a target selects; undefined when namespace or labels are known only later. */
export function proxiesKey({ namespace, matchLabels, targetRefs }: TargetArgs): string | undefined {
  if (isDeferred(namespace) || containsDeferred(matchLabels)) {
    return undefined;
  }
  const labels = Object.entries(matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const references = (targetRefs ?? []).map(({ kind, name }) => `${kind}/${name}`).sort();
  return JSON.stringify([namespace, labels, references]);
}
