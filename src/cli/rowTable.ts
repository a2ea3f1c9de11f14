import { columnWidth, fit, GAP, table, wrap } from "./textLayout";

// Of kind, policy and request limits, beside the names.
const ROOM_FOR_REST = 48;
const KIND_LIMIT = "ReplicationController".length;

/** What is said of a workload or a policy. */
export interface Row {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
  readonly paint: (text: string) => string;
}

/** Names, kinds and what is said of each; lines of at most `width` columns. */
export function rowTable(rows: readonly Row[], width: number): string[] {
  const names = columnWidth(
    rows.map(({ name }) => name),
    width - ROOM_FOR_REST,
  );
  const kinds = columnWidth(
    rows.map(({ kind }) => kind),
    KIND_LIMIT,
  );
  const room = width - names - kinds - 3 * GAP.length;
  const cells = rows.map(({ name, kind, text, paint }) => [
    fit(name, names),
    fit(kind, kinds),
    wrap(text, room).map(paint).join("\n"),
  ]);
  return table(cells, [names, kinds]).map((line) => GAP + line);
}
