import type { ChangedInspection, Difference, InspectionSide } from "../../render/difference";
import type { Colors } from "../colors";
import { rowTable, type Row } from "../rowTable";
import { chunks, wrap, type Page } from "../textLayout";

const INDENT = "    ";

const words: Readonly<Record<ChangedInspection["change"], string>> = {
  lost: "LOSES inspection",
  narrowed: "LOSES a part of its inspection",
  observed: "is observed, and BLOCKS NO MORE",
  closed: "FAILS CLOSED now",
  gained: "gains inspection",
  changed: "changes",
};

/** What a change does to a workload or a target, in a few words. */
export function changeWords({ change, before }: ChangedInspection): string {
  return change === "closed" && before?.isInspected !== true
    ? "gains inspection, and FAILS CLOSED"
    : words[change];
}

/** What differs from the base, for people: the worst first. */
export function differenceText(
  { workloads, targets, mesh, objects, base }: Difference,
  page: Page,
): string[] {
  const { colors, width } = page;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`  ${title}`, ...lines];
  const rows = (changes: readonly ChangedInspection[]): string[] =>
    rowTable(
      changes.map((change) => changeRow(change, colors)),
      width,
    );
  const diffs = mesh.flatMap(({ text, diff }) => [
    INDENT + text,
    ...diff.flatMap((line) => chunks(line, width - INDENT.length)).map((line) => INDENT + line),
  ]);
  const all = [
    ...section("workloads", rows(workloads)),
    ...section("targets", rows(targets)),
    ...section("mesh config", diffs),
    ...section(
      "objects",
      objects.flatMap(({ change, kind, object, fields }) =>
        // A field on a line of its own must not look like an object.
        wrap(
          `${change} ${kind} ${object}${fields.length === 0 ? "" : `: ${fields.join(", ")}`}`,
          width - INDENT.length - 2,
        ).map((line, index) => `${INDENT}${index === 0 ? "" : "  "}${line}`),
      ),
    ),
  ];
  return all.length === 0 ? wrap(`  the program does the same as ${base}`, width) : all;
}

function changeRow(changed: ChangedInspection, colors: Colors): Row {
  const { name, kind, change } = changed;
  const paint = {
    lost: colors.red,
    narrowed: colors.red,
    observed: colors.red,
    closed: colors.yellow,
    gained: colors.green,
  };
  return {
    name,
    kind,
    text: [changeWords(changed), ...sideChanges(changed)].join("\n"),
    paint: change === "changed" ? colors.reset : paint[change],
  };
}

/** Each property that differs, as `before -> after`. */
export function sideChanges({ before, after }: ChangedInspection): string[] {
  const properties: readonly ((side: InspectionSide) => string)[] = [
    ({ requests }) => requests,
    ({ enforcement }) => (enforcement === null ? "" : `by ${enforcement}`),
    ({ isObserved }) => (isObserved ? "observed, not blocked" : ""),
    ({ failOpen }) => (failOpen === null ? "" : failOpen ? "fails open" : "fails closed"),
    ({ sendsBodies }) => (sendsBodies === false ? "without request bodies" : ""),
    ({ selects }) => selects ?? "",
  ];
  return properties.flatMap((textOf) => {
    const [was, is] = [before, after].map((side) => (side === null ? "" : textOf(side)));
    if (was === is || (was === "" && is === "")) {
      return [];
    }
    return [was === "" ? (is ?? "") : is === "" ? `was: ${was ?? ""}` : `${was ?? ""} -> ${is ?? ""}`];
  });
}
