import { at, listAt, textAt } from "../kubernetes/liveObject";

/** Field managers of this package's components, whose entries are kept in annotations. */
const ownManagers = "pulumi-sigsci-istio-";

/**
 * The field managers that are none of a component, and that wrote an object between two reads, by the times of its
 * `managedFields`.
 *
 * @param before - Field `metadata` of the earlier read.
 * @param after - Field `metadata` of the later read.
 */
export function foreignWriters(before: unknown, after: unknown): string[] {
  const written = changedEntries(before, after).filter((entry) => !isOwn(entry));
  return written.map((entry) => textAt(entry, "manager") ?? "");
}

/**
 * The foreign writers whose text may have been overwritten: those that do not own it any more, or never did.
 *
 * @param before - Field `metadata` as it was read before this run wrote.
 * @param after - Field `metadata` as it was read afterwards.
 */
export function overwrittenWriters(before: unknown, after: unknown): string[] {
  // What did not write has undone nothing.
  if (!changedEntries(before, after).some(isOwn)) {
    return [];
  }
  const owners = new Set(textOwners(after));
  const writers = foreignWriters(before, after);
  return writers.some((writer) => owners.has(writer)) ? [] : writers;
}

/** The field managers that own the key `mesh`. */
export function textOwners(metadata: unknown): string[] {
  return listAt(metadata, "managedFields").flatMap((entry) =>
    at(entry, "fieldsV1", "f:data", "f:mesh") === undefined ? [] : [textAt(entry, "manager") ?? ""],
  );
}

function changedEntries(before: unknown, after: unknown): unknown[] {
  const times = new Map(
    listAt(before, "managedFields").map((entry) => [keyOf(entry), textAt(entry, "time")]),
  );
  return listAt(after, "managedFields").filter((entry) => times.get(keyOf(entry)) !== textAt(entry, "time"));
}

function isOwn(entry: unknown): boolean {
  return isOwnManager(textAt(entry, "manager") ?? "");
}

/** Whether a field manager is that of a component. */
export function isOwnManager(manager: string): boolean {
  return manager.startsWith(ownManagers);
}

function keyOf(entry: unknown): string {
  return ["manager", "operation", "subresource"].map((field) => textAt(entry, field) ?? "").join(" ");
}
