/** Labels a pod must have, in one namespace or (`undefined`) in all. */
export interface Selector {
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

interface Entry<T> {
  readonly labels: readonly (readonly [string, string])[];
  readonly value: T;
}

interface NamespaceIndex<T> {
  /** selectors without labels */
  readonly everything: T[];
  readonly byPair: Map<string, Entry<T>[]>;
}

const ALL_NAMESPACES = "*";

function pairKey(key: string, value: string): string {
  return `${key}=${value}`;
}

function countPairs(selectors: readonly Selector[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { labels } of selectors) {
    for (const [key, value] of Object.entries(labels)) {
      const pair = pairKey(key, value);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Finds the selectors that match a pod without trying them all: each selector is filed under that of its labels which
 * the fewest selectors share, and a pod looks only under its own labels. So the cost grows with the number of pods
 * plus the number of selectors, not with their product, even if all selectors share some label.
 */
export class SelectorIndex<T> {
  private readonly namespaces = new Map<string, NamespaceIndex<T>>();

  public constructor(entries: readonly { readonly selector: Selector; readonly value: T }[]) {
    const counts = countPairs(entries.map(({ selector }) => selector));
    for (const { selector, value } of entries) {
      this.add(selector, value, counts);
    }
  }

  private add({ namespace, labels }: Selector, value: T, counts: ReadonlyMap<string, number>): void {
    const index = this.namespaceIndex(namespace ?? ALL_NAMESPACES);
    const pairs = Object.entries(labels);
    const rarity = ([key, item]: readonly [string, string]): number => counts.get(pairKey(key, item)) ?? 0;
    const [rarest] = [...pairs].sort((one, other) => rarity(one) - rarity(other));
    if (rarest === undefined) {
      index.everything.push(value);
      return;
    }
    const key = pairKey(...rarest);
    const filed = index.byPair.get(key);
    if (filed === undefined) {
      index.byPair.set(key, [{ labels: pairs, value }]);
    } else {
      filed.push({ labels: pairs, value });
    }
  }

  private namespaceIndex(namespace: string): NamespaceIndex<T> {
    const found = this.namespaces.get(namespace);
    if (found !== undefined) {
      return found;
    }
    const created: NamespaceIndex<T> = { everything: [], byPair: new Map() };
    this.namespaces.set(namespace, created);
    return created;
  }

  /** The values of all selectors that match a pod with these labels in this namespace, each once. */
  public matching(namespace: string, labels: Readonly<Record<string, string>>): T[] {
    const indexes = [this.namespaces.get(namespace), this.namespaces.get(ALL_NAMESPACES)];
    return indexes.flatMap((index) => {
      if (index === undefined) {
        return [];
      }
      const candidates = Object.entries(labels).flatMap((pair) => index.byPair.get(pairKey(...pair)) ?? []);
      const matching = candidates.filter((entry) =>
        entry.labels.every(([key, value]) => labels[key] === value),
      );
      return [...index.everything, ...matching.map(({ value }) => value)];
    });
  }
}
