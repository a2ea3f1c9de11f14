/** What the members of a group have in common. */
export type GroupKey = readonly (string | undefined)[];

/**
 * Groups items, in the order of their first members.
 *
 * @param items - The items.
 * @param keyOf - What an item must have in common with the others of its group.
 * @returns each key with its items, at least one.
 */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => GroupKey): [GroupKey, T[]][] {
  const groups = new Map<string, [GroupKey, T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    // JSON writes undefined in a list as null, which no key holds.
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? [key, []];
    group[1].push(item);
    groups.set(id, group);
  }
  return [...groups.values()];
}
