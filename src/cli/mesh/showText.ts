import Table from "cli-table3";
import { bullet, WIDTH } from "../textLayout";
import type { ListedProvider, MeshReport } from "./inspection";

const HEAD = ["NAME", "KIND", "SERVICE:PORT", "OWNER", "LINE"];
const GAP = 2;

/** No frame: the columns are told apart by their gap. */
const NO_FRAME = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].map((part) => [part, ""]),
);

/** The report for people, in lines of at most 80 columns. */
export function showText({ source, providers, invalid, notes }: MeshReport): string {
  const problems = invalid === null ? notes : [`invalid: ${invalid}`, ...notes];
  return [
    ...bullet("", `${source}: ${countOf(providers.length)}`),
    ...(providers.length === 0 ? [] : ["", ...table(providers)]),
    ...(problems.length === 0 ? [] : ["", ...problems.flatMap((note) => bullet("- ", note))]),
    "",
  ].join("\n");
}

function countOf(count: number): string {
  return count === 1 ? "1 extension provider" : `${count === 0 ? "no" : count} extension providers`;
}

function table(providers: readonly ListedProvider[]): string[] {
  const rows = [HEAD, ...providers.map(cells)];
  const widths = fittingWidths(
    HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  );
  const grid = new Table({
    chars: NO_FRAME,
    style: { "padding-left": 0, "padding-right": GAP, head: [], border: [], compact: true },
    colWidths: widths.map((width) => width + GAP),
  });
  grid.push(...rows.map((row) => row.map((cell, column) => broken(cell, widths[column] ?? WIDTH))));
  return grid
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

function cells({ name, kind, service, port, owner, line }: ListedProvider): string[] {
  const endpoint = service === null ? "-" : `${service}${port === null ? "" : `:${port}`}`;
  return [name ?? "-", kind ?? "-", endpoint, owner ?? "-", line === null ? "-" : String(line)];
}

/** Breaks a name or host behind one of its separators where there is one, else where the column ends. */
function broken(cell: string, width: number): string {
  if (cell.length <= width) {
    return cell;
  }
  const end = /^.*[./:-]/.exec(cell.slice(0, width))?.[0].length ?? width;
  return `${cell.slice(0, end)}\n${broken(cell.slice(end), width)}`;
}

/** Takes from the widest column until all fit; what is cut goes on in the next line of its cell. */
function fittingWidths(natural: readonly number[]): number[] {
  const widths = [...natural];
  // The last column's gap may stand beyond the edge: it is trimmed.
  const room = WIDTH - GAP * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    widths[widths.indexOf(Math.max(...widths))] = Math.max(...widths) - 1;
  }
  return widths;
}
