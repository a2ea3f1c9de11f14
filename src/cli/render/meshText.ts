import type { ExternalMesh } from "../../render/externalMesh";
import type { RenderReport, ReportedMeshEdit } from "../../render/report";
import { bullet, chunks, type Page } from "../textLayout";

const INDENT = "    ";

function diffLine(line: string, { colors, width }: Page): string[] {
  const sign = line.charAt(0);
  const colour = { "+": colors.green, "-": colors.red, "@": colors.cyan }[sign] ?? colors.dim;
  // What does not fit goes on in further lines, so that nothing of a change is hidden.
  const [first = "", ...more] = chunks(line, width - INDENT.length);
  const rest = chunks(more.join(""), width - INDENT.length - 2).filter((piece) => piece !== "");
  return [first, ...rest.map((piece) => `  ${piece}`)].map((piece) => INDENT + colour(piece));
}

function headline(edit: ReportedMeshEdit, source: string): string {
  const { configMap, how, changed, before, isFollowUp, retainOnDelete } = edit;
  if (how === "create") {
    return `ConfigMap ${configMap}: created by this program`;
  }
  const found = before === null ? "not there or not read before" : `read from ${source}`;
  const from = isFollowUp ? "after the edit above" : found;
  const kept = retainOnDelete ? "" : "; NOT kept on delete";
  return `ConfigMap ${configMap} (${from}): ${changed ? "changed" : "no change"}${kept}`;
}

function editText(edit: ReportedMeshEdit, source: string, page: Page): string[] {
  const annotations = Object.entries(edit.annotations).flatMap(([key, value]) =>
    bullet(`${INDENT}  `, `${key}: ${value}`, page.width),
  );
  const secret = edit.changed && edit.after === null ? [`${INDENT}the text is secret and not shown`] : [];
  return [
    ...bullet("  ", headline(edit, source), page.width),
    ...secret,
    ...edit.diff.flatMap((line) => diffLine(line, page)),
    ...(annotations.length > 0
      ? [`${INDENT}annotations:`, ...annotations.map((line) => page.colors.dim(line))]
      : []),
  ];
}

function externalText({ component, helmValues }: ExternalMesh, width: number): string[] {
  const lines = helmValues.trimEnd().split("\n");
  return [
    ...bullet("  ", `${component} writes nothing; the values of Istio's installation must hold:`, width),
    ...lines.flatMap((line) => chunks(line, width - INDENT.length)).map((line) => INDENT + line),
  ];
}

/** What changes in the mesh config, as a unified diff per ConfigMap; lines as wide as the page. */
export function meshText({ source, edits, external }: RenderReport["mesh"], page: Page): string[] {
  if (edits.length === 0 && external.length === 0) {
    return ["  this program does not change it"];
  }
  const texts = edits.flatMap((edit, index) => [
    ...(index === 0 ? [] : [""]),
    ...editText(edit, source, page),
  ]);
  return [...texts, ...external.flatMap((one) => externalText(one, page.width))];
}
