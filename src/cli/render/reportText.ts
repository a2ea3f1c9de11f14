import { createColors } from "../colors";
import type { CommandOutput } from "../output";
import { coverageSummary, coverageText } from "./coverageText";
import { differenceText } from "./differenceText";
import { meshText } from "./meshText";
import type { RenderDocument } from "../../render/difference";
import type { RenderReport } from "../../render/report";
import { bullet, wrap } from "../textLayout";
import type { Page } from "../textLayout";
import { shownOnce, treeText } from "./treeText";

function heading(title: string, remark: string, { colors, width }: Page): string[] {
  return ["", ...wrap(remark === "" ? title : `${title}: ${remark}`, width).map((line) => colors.bold(line))];
}

function writtenText(report: RenderReport, page: Page): string[] {
  const { written } = report;
  if (written === null) {
    return [];
  }
  const removed =
    written.removed.length === 0 ? "" : `; ${written.removed.length} of an earlier render removed`;
  return [
    ...heading("Manifests", `${written.files.length} written to ${written.folder}${removed}`, page),
    ...written.files.flatMap((file) => bullet("  ", file, page.width)),
  ];
}

function remarks(report: RenderReport, page: Page): string[] {
  const { warnings, notes } = report;
  if (warnings.length + notes.length === 0) {
    return [];
  }
  return [
    ...heading("Warnings and notes", "", page),
    ...warnings.flatMap(({ message }) =>
      bullet("  ! ", message, page.width).map((line) => page.colors.yellow(line)),
    ),
    ...notes.flatMap((message) => bullet("  - ", message, page.width)),
  ];
}

/** The report for people, as wide as the terminal, ending with a line feed. */
export function reportText(report: RenderDocument, output: Pick<CommandOutput, "colors" | "width">): string {
  const page = { colors: createColors(output.colors), width: output.width };
  const { program, resources, mesh, coverage, difference } = report;
  const summary = coverage.workloads.length + coverage.leftOut.length === 0 ? "" : coverageSummary(coverage);
  const shown = shownOnce(resources);
  const lines = [
    ...wrap(`${program.project}, stack ${program.stack}: offline render, nothing was created`, page.width),
    ...(difference === null
      ? []
      : [
          ...heading("Difference", `compared with ${difference.base}`, page),
          ...differenceText(difference, page),
        ]),
    ...heading("Resources", `${shown.length} in order of creation`, page),
    ...treeText(shown, page),
    ...heading("Mesh config", "", page),
    ...meshText(mesh, page),
    ...heading("Coverage", summary, page),
    ...coverageText(coverage, page),
    ...remarks(report, page),
    ...writtenText(report, page),
  ];
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
