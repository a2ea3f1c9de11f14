import type { Colors } from "../colors";
import type { ExternalMesh } from "../../render/externalMesh";
import type { RenderReport, ReportedMeshEdit } from "../../render/report";
import { bullet, chunks, WIDTH } from "../textLayout";

const INDENT = "    ";

function diffLine(line: string, colors: Colors): string[] {
  const sign = line.charAt(0);
  const colour = { "+": colors.green, "-": colors.red, "@": colors.cyan }[sign] ?? colors.dim;
  // What does not fit goes on in further lines, so that nothing of a change is hidden.
  const [first = "", ...more] = chunks(line, WIDTH - INDENT.length);
  const rest = chunks(more.join(""), WIDTH - INDENT.length - 2).filter((piece) => piece !== "");
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

function editText(edit: ReportedMeshEdit, source: string, colors: Colors): string[] {
  const annotations = Object.entries(edit.annotations).flatMap(([key, value]) =>
    bullet(`${INDENT}  `, `${key}: ${value}`),
  );
  const secret = edit.changed && edit.after === null ? [`${INDENT}the text is secret and not shown`] : [];
  return [
    ...bullet("  ", headline(edit, source)),
    ...secret,
    ...edit.diff.flatMap((line) => diffLine(line, colors)),
    ...(annotations.length > 0
      ? [`${INDENT}annotations:`, ...annotations.map((line) => colors.dim(line))]
      : []),
  ];
}

function externalText({ component, helmValues }: ExternalMesh): string[] {
  const lines = helmValues.trimEnd().split("\n");
  return [
    ...bullet("  ", `${component} writes nothing; the values of Istio's installation must hold:`),
    ...lines.flatMap((line) => chunks(line, WIDTH - INDENT.length)).map((line) => INDENT + line),
  ];
}

/** What changes in the mesh config, as a unified diff per ConfigMap; lines of at most 80 columns. */
export function meshText({ source, edits, external }: RenderReport["mesh"], colors: Colors): string[] {
  if (edits.length === 0 && external.length === 0) {
    return ["  this program does not change it"];
  }
  const texts = edits.flatMap((edit, index) => [
    ...(index === 0 ? [] : [""]),
    ...editText(edit, source, colors),
  ]);
  return [...texts, ...external.flatMap((one) => externalText(one))];
}
