import { listComments, applySplices, lineEnd, lineStart, nextLine, verifyEdit } from "./splice";
import type { Splice } from "./splice";
import { readMeshText, refuseDuplicates } from "./meshText";
import type { MeshText, ProviderEntry } from "./meshText";

/**
 * Removes providers by name; names that are not there are ignored. Removing what `setProviders` added gives back
 * the text as it was, byte for byte.
 *
 * @throws MeshTextError when the text cannot be edited or holds one of the names twice.
 */
export function removeProviders(text: string, names: readonly string[]): string {
  return names.reduce(removeProvider, text);
}

function removeProvider(text: string, name: string): string {
  const mesh = readMeshText(text);
  refuseDuplicates(mesh, [name]);
  const entry = mesh.entries.find((one) => one.name === name);
  if (entry === undefined) {
    return text;
  }
  const splices = mesh.style === "flow" ? [flowCut(mesh, entry)] : blockSplices(mesh, entry);
  const edited = applySplices(text, splices);
  const left = mesh.entries.filter((one) => one !== entry).map((one) => one.value);
  verifyEdit(mesh, edited, left);
  return edited;
}

function flowCut(mesh: MeshText, entry: ProviderEntry): Splice {
  const comma = /^\s*,/.exec(mesh.text.slice(entry.end));
  if (comma !== null) {
    return { start: entry.start, end: entry.end + comma[0].length, text: "" };
  }
  const before = mesh.entries[mesh.entries.indexOf(entry) - 1];
  return { start: before?.end ?? entry.start, end: entry.end, text: "" };
}

function blockSplices(mesh: MeshText, entry: ProviderEntry): Splice[] {
  const { text, key } = mesh;
  const cut = { start: lineStart(text, entry.start), end: nextLine(text, entry.end), text: "" };
  if (key === undefined || mesh.entries.length > 1) {
    return [withBreakBefore(text, cut)];
  }
  const keyLine = text.slice(key.end, lineEnd(text, key.end));
  if (keyLine === `:${listComments.added}`) {
    // Comments that others wrote between the key and the entry stay, so there may be two cuts.
    const keyCut = { start: lineStart(text, key.start), end: nextLine(text, key.end), text: "" };
    return keyCut.end === cut.start
      ? [withBreakBefore(text, { ...cut, start: keyCut.start })]
      : [keyCut, withBreakBefore(text, cut)];
  }
  const comment = keyLine.indexOf(listComments.replacedNull);
  if (comment !== -1) {
    const start = key.end + comment;
    return [{ start, end: start + listComments.replacedNull.length, text: "" }, withBreakBefore(text, cut)];
  }
  return [withBreakBefore(text, cut)];
}

/** A cut that leaves a text without a final line break takes the break before it along. */
function withBreakBefore(text: string, cut: Splice): Splice {
  if (cut.end < text.length || text.endsWith("\n") || cut.start === 0) {
    return cut;
  }
  const length = text.slice(0, cut.start).endsWith("\r\n") ? 2 : 1;
  return { ...cut, start: cut.start - length };
}
