import { EXIT } from "../failure";
import type { CommandOutput } from "../output";
import { connect } from "./cluster";
import { bullet, columnWidth, GAP, table } from "../textLayout";
import { inspectMesh } from "./inspection";
import type { ListedProvider, MeshReport } from "./inspection";
import type { MeshState } from "./meshState";
import { chosenSource, loadMeshFile } from "./source";
import type { SourceFlags } from "./source";

/**
 * Lists the extension providers of a mesh text.
 * @returns 0, or 1 when the text is invalid
 * @throws Refusal, UsageProblem
 */
export async function showMesh(
  flags: SourceFlags & { readonly json?: true },
  output: CommandOutput,
): Promise<number> {
  const source = chosenSource(flags);
  const state: MeshState =
    source.kind === "file" ? loadMeshFile(source.path, flags) : await (await connect(source)).read();
  const report = inspectMesh(state);
  output.out(
    flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : showText(report, output.width),
  );
  return report.invalid === null ? EXIT.fine : EXIT.refused;
}

const HEAD = ["NAME", "KIND", "SERVICE:PORT", "OWNER", "LINE"];

/** The report for people, in lines of at most `width` columns. */
function showText({ source, providers, invalid, notes }: MeshReport, width: number): string {
  const problems = invalid === null ? notes : [`invalid: ${invalid}`, ...notes];
  return [
    ...bullet("", `${source}: ${countOf(providers.length)}`, width),
    ...(providers.length === 0 ? [] : ["", ...providerTable(providers, width)]),
    ...(problems.length === 0 ? [] : ["", ...problems.flatMap((note) => bullet("- ", note, width))]),
    "",
  ].join("\n");
}

function countOf(count: number): string {
  return count === 1 ? "1 extension provider" : `${count === 0 ? "no" : count} extension providers`;
}

function providerTable(providers: readonly ListedProvider[], width: number): string[] {
  const rows = [HEAD, ...providers.map(cells)];
  const natural = HEAD.map((_, column) =>
    columnWidth(
      rows.map((row) => row[column] ?? ""),
      width,
    ),
  );
  const widths = fittingWidths(natural, width);
  return table(
    rows.map((row) => row.map((cell, column) => broken(cell, widths[column] ?? width))),
    widths,
  );
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
function fittingWidths(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const room = width - GAP.length * (widths.length - 1);
  while (widths.reduce((sum, one) => sum + one, 0) > room) {
    widths[widths.indexOf(Math.max(...widths))] = Math.max(...widths) - 1;
  }
  return widths;
}
