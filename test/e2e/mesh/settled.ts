import type { PlainKubernetesObject } from "../lifecycle/objects";

/** Kinds that a controller makes, with names of its own. */
const made = /^(Pod|ReplicaSet|EndpointSlice) /;

/** Says how often the controller saw a change, and is not the object's content. */
const revision = "deployment.kubernetes.io/revision";

/**
 * What can be compared between two stacks that made the same: objects without what a controller made, as text, and
 * with the random id, digests, addresses and versions replaced by words.
 *
 * @param objects - All objects of a cluster.
 */
export function settled(objects: ReadonlyMap<string, PlainKubernetesObject>): Map<string, string> {
  return new Map(
    [...objects]
      .filter(([key]) => !made.test(key))
      .map(([key, object]): [string, string] => [withoutIds(key), withoutIds(textOf(object))])
      .sort(([one], [other]) => one.localeCompare(other)),
  );
}

/** Keys in order: two writers may give them in any. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === revision) {
      return undefined;
    }
    if (typeof part !== "object" || part === null || Array.isArray(part)) {
      return part;
    }
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => one.localeCompare(other)));
  });
}

function withoutIds(text: string): string {
  return text
    .replaceAll(/(edited\.pulumi-sigsci-istio\/[0-9a-f]+":)"\d+"/g, "$1<version>")
    .replaceAll(/\b10\.96\.\d+\.\d+\b/g, "<cluster ip>")
    .replaceAll(/shop-prod-[0-9a-f]{10}/g, "shop-prod-<digest>")
    .replaceAll(/\b[0-9a-f]{16}\b/g, "<id>");
}
