import { createColors, type Colors } from "../colors";
import { coverageSummary, coverageText } from "./coverageText";
import { meshText } from "./meshText";
import type { RenderReport } from "../../render/report";
import { bullet, wrap, WIDTH } from "../textLayout";
import { treeText } from "./treeText";

function heading(title: string, remark: string, colors: Colors): string[] {
  return ["", ...wrap(remark === "" ? title : `${title}: ${remark}`, WIDTH).map((line) => colors.bold(line))];
}

function writtenText(report: RenderReport, colors: Colors): string[] {
  const { written } = report;
  if (written === null) {
    return [];
  }
  const removed =
    written.removed.length === 0 ? "" : `; ${written.removed.length} of an earlier render removed`;
  return [
    ...heading("Manifests", `${written.files.length} written to ${written.folder}${removed}`, colors),
    ...written.files.flatMap((file) => bullet("  ", file)),
  ];
}

function remarks(report: RenderReport, colors: Colors): string[] {
  const { warnings, notes } = report;
  if (warnings.length + notes.length === 0) {
    return [];
  }
  return [
    ...heading("Warnings and notes", "", colors),
    ...warnings.flatMap(({ message }) => bullet("  ! ", message).map((line) => colors.yellow(line))),
    ...notes.flatMap((message) => bullet("  - ", message)),
  ];
}

/** The report for people: at most 80 columns, ending with a line feed. */
export function reportText(report: RenderReport, useColors: boolean): string {
  const colors = createColors(useColors);
  const { program, resources, mesh, coverage } = report;
  const lines = [
    ...wrap(`${program.project}, stack ${program.stack}: offline render, nothing was created`, WIDTH),
    ...heading("Resources", `${resources.length} in order of creation`, colors),
    ...treeText(resources, colors),
    ...heading("Mesh config", "", colors),
    ...meshText(mesh, colors),
    ...heading("Coverage", coverage.workloads.length === 0 ? "" : coverageSummary(coverage), colors),
    ...coverageText(coverage, colors),
    ...remarks(report, colors),
    ...writtenText(report, colors),
  ];
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
