import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import type { ExtensionProvider } from "../extensionProvider";
import { listComments, applySplices, lineEnd, verifyEdit } from "./splice";
import type { Splice } from "./splice";
import { readMeshText, refuseDuplicates } from "./meshText";
import type { MeshText } from "./meshText";

/** What an edit does to one provider. */
export type ProviderChange = "added" | "changed" | "unchanged";

/** The edited text and what changed. */
export interface EditedMesh {
  /** The text after the edit; the very same string when nothing changed. */
  text: string;
  /** The text after the edit, read. */
  mesh: MeshText;
  /** What happened to each provider, by name. */
  changes: Map<string, ProviderChange>;
}

/**
 * Adds providers to a mesh text, or changes those of the same name. Every byte outside of these entries stays.
 *
 * @throws MeshTextError when the text cannot be edited, holds one of the names twice, or would grow beyond the
 * size of a ConfigMap.
 */
export function setProviders(source: string | MeshText, providers: readonly ExtensionProvider[]): EditedMesh {
  const mesh = typeof source === "string" ? readMeshText(source) : source;
  const { text } = mesh;
  refuseDuplicates(
    mesh,
    providers.map((provider) => provider.name),
  );
  const entries = new Map(mesh.entries.map((entry) => [entry.name, entry]));
  const changes = new Map<string, ProviderChange>();
  const added: ExtensionProvider[] = [];
  const splices: Splice[] = [];
  for (const provider of providers) {
    const entry = entries.get(provider.name);
    if (entry === undefined) {
      added.push(provider);
      changes.set(provider.name, "added");
    } else if (isDeepStrictEqual(entry.value, provider)) {
      changes.set(provider.name, "unchanged");
    } else {
      splices.push({ start: entry.start, end: entry.end, text: renderEntry(mesh, provider).trimStart() });
      changes.set(provider.name, "changed");
    }
  }
  if (added.length > 0) {
    splices.push(insertion(mesh, added));
  }
  if (splices.length === 0) {
    return { text, mesh, changes };
  }
  const edited = applySplices(text, splices);
  const after = verifyEdit(mesh, edited, intendedProviders(mesh, providers, added));
  return { text: edited, mesh: after, changes };
}

function intendedProviders(
  mesh: MeshText,
  providers: readonly ExtensionProvider[],
  added: readonly ExtensionProvider[],
): unknown[] {
  const byName = new Map<string | undefined, ExtensionProvider>(providers.map((one) => [one.name, one]));
  return [...added, ...mesh.entries.map((entry) => byName.get(entry.name) ?? entry.value)];
}

function renderEntry(mesh: MeshText, provider: ExtensionProvider): string {
  if (mesh.style === "flow") {
    return JSON.stringify(provider);
  }
  // Istio reads the text as YAML 1.1, where words such as `on` and `yes` need quotes.
  const body = stringify([provider], { version: "1.1", lineWidth: 0, indentSeq: false }).trimEnd();
  const margin = " ".repeat(mesh.listIndent);
  return body
    .split("\n")
    .map((line) => margin + line)
    .join(mesh.eol);
}

function insertion(mesh: MeshText, providers: readonly ExtensionProvider[]): Splice {
  const entries = providers.map((provider) => renderEntry(mesh, provider));
  if (mesh.list === undefined || mesh.key === undefined) {
    return appendedList(mesh, entries);
  }
  if (mesh.style === "flow") {
    const start = mesh.list.start + 1;
    return { start, end: start, text: entries.join(",") + (mesh.entries.length > 0 ? "," : "") };
  }
  if (mesh.style === "null" && mesh.list.end > mesh.list.start) {
    const end = lineEnd(mesh.text, mesh.list.end);
    const replaced = listComments.replacedNull + mesh.text.slice(mesh.list.start, end);
    return { start: mesh.list.start, end, text: [replaced, ...entries].join(mesh.eol) };
  }
  // Right below the key: comments that stand before the next entry stay with that entry.
  const start = lineEnd(mesh.text, mesh.key.end);
  return { start, end: start, text: mesh.eol + entries.join(mesh.eol) };
}

function appendedList(mesh: MeshText, entries: readonly string[]): Splice {
  const { text, eol } = mesh;
  const key = `${" ".repeat(mesh.indent)}extensionProviders:${listComments.added}`;
  const list = [key, ...entries].join(eol);
  const start = /^\.\.\.(?=\s|$)/m.exec(text)?.index ?? text.length;
  const atLineStart = start === 0 || text[start - 1] === "\n";
  return { start, end: start, text: atLineStart ? list + eol : eol + list };
}
