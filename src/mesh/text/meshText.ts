import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { listAt } from "../../kubernetes/liveObject";
import type { CST, Document, Node, Pair, ParsedNode, YAMLError, YAMLMap, YAMLSeq } from "yaml";

/** Largest ConfigMap that the API server stores, in bytes. Source: Kubernetes, "ConfigMaps". */
export const configMapByteLimit = 1024 * 1024;

/** A mesh text that is not edited, with the line that says why. */
export class MeshTextError extends Error {
  /** @param line - Line of the text, from 1; undefined when the whole text is meant. */
  constructor(
    readonly reason: string,
    readonly remedy: string,
    readonly line?: number,
  ) {
    super(`${line === undefined ? "" : `line ${line}: `}${reason}. ${remedy}`);
    this.name = "MeshTextError";
  }
}

/** An entry of `extensionProviders` with its place in the text. */
export interface ProviderEntry {
  /** Name, undefined for an entry that has none. */
  name: string | undefined;
  /** The entry as plain data. */
  value: unknown;
  /** Offset of the entry's first character: its dash in a block list, its brace in a flow list. */
  start: number;
  /** Offset after the entry's last character, comments excluded. */
  end: number;
  /** Line of the entry, from 1. */
  line: number;
}

/** How `extensionProviders` is written. */
export type ProviderListStyle = "absent" | "null" | "block" | "flow";

/** A mesh text that can be edited safely. */
export interface MeshText {
  /** The text as it was read. */
  text: string;
  /** The text as plain data. */
  config: Record<string, unknown>;
  /** Column of the top-level keys. */
  indent: number;
  /** Line break of the text. */
  eol: string;
  /** How the list is written. */
  style: ProviderListStyle;
  /** Offsets of the key `extensionProviders`, when present. */
  key?: { start: number; end: number };
  /** Offsets of the value of the key, when present. */
  list?: { start: number; end: number };
  /** Column of the dashes of a block list. */
  listIndent: number;
  /** The entries in order. */
  entries: ProviderEntry[];
}

type RootMap = YAMLMap.Parsed;

/**
 * Reads the key `mesh` of a mesh ConfigMap. A text of comments only, with which a managed mesh starts, has no keys.
 *
 * @throws MeshTextError for a text that cannot be edited with certainty: empty, not YAML, several documents,
 * duplicate keys, anchors, aliases, merge keys or tags, not a mapping, flow style at the top, `extensionProviders`
 * that is no list.
 */
export function readMeshText(text: string): MeshText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, keepSourceTokens: true, prettyErrors: false });
  refuseBrokenYaml(text, document, lines);
  const { contents } = document;
  const isUnwritten = contents === null || (isScalar(contents) && contents.source === "");
  if (isUnwritten && /^\s*#/m.test(text)) {
    return meshTextOf(text, {}, 0);
  }
  const root = rootMap(document);
  refuseIndirection(text, document, lines);
  // Strings, numbers, lists and maps only: the document has no tags, and its root is a map.
  const config = document.toJS() as Record<string, unknown>;
  const mesh = meshTextOf(text, config, columnOf(text, root.range[0]));
  const pair = root.items.find((item) => isScalar(item.key) && item.key.value === "extensionProviders");
  return pair === undefined ? mesh : withList(mesh, pair, lines);
}

function meshTextOf(text: string, config: Record<string, unknown>, indent: number): MeshText {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  return { text, config, indent, eol, style: "absent", listIndent: indent, entries: [] };
}

function refuseBrokenYaml(text: string, document: Document.Parsed, lines: LineCounter): void {
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line;
    throw new MeshTextError(brokenBecause(text, problem), "Correct the text first.", line);
  }
}

function brokenBecause(text: string, { code, message, pos }: YAMLError): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return `duplicate key ${keyAt(text, pos[0])}, which YAML forbids`;
    case "MULTIPLE_DOCS":
      return "several YAML documents, so it is not certain what Istio reads";
    default:
      return `not valid YAML: ${message.replace(/\.?\s*$/, "")}`;
  }
}

/** The key that starts at an offset, as it is written. */
function keyAt(text: string, offset: number): string {
  return /^(?:"[^"\n]*"|'[^'\n]*'|[^\n:]*)/.exec(text.slice(offset))?.[0].trimEnd() ?? "";
}

function rootMap(document: Document.Parsed): RootMap {
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    throw new MeshTextError(
      "the mesh text is empty",
      "Restore the mesh configuration of your Istio installation first.",
    );
  }
  if (!isMap(root)) {
    const found = isSeq(root) ? "a list" : "a single value";
    throw new MeshTextError(
      `the mesh text is ${found}, not a mapping`,
      "Restore the mesh configuration first.",
      1,
    );
  }
  if (root.flow === true) {
    throw new MeshTextError(
      "the mesh text is written in flow style (JSON)",
      "Write its top level as block YAML, one key on each line; the meaning stays the same.",
      1,
    );
  }
  return root;
}

/** Refuses what makes more, or something else, of a part of the text than is written there. */
function refuseIndirection(text: string, document: Document.Parsed, lines: LineCounter): void {
  // All are written with these characters; a text without them need not be walked, which takes long in 1 MB.
  if (!/[&*!]|<</.test(text)) {
    return;
  }
  visit(document, (key, node) => {
    const found = isNode(node) ? indirection(node, key) : undefined;
    if (found !== undefined && isNode(node)) {
      const line = node.range ? lines.linePos(node.range[0]).line : undefined;
      throw new MeshTextError(`the mesh text has ${found.what}`, found.remedy, line);
    }
  });
}

/** Tags of what a text without tags can hold too. Source: YAML 1.2, "Core Schema". */
const plainTags = ["str", "int", "float", "bool", "null", "map", "seq"].map(
  (tag) => `tag:yaml.org,2002:${tag}`,
);

function indirection(node: Node, key: unknown): { what: string; remedy: string } | undefined {
  if (isAlias(node) || ("anchor" in node && node.anchor !== undefined)) {
    const what = "an anchor or an alias, so one edit could change several places";
    return { what, remedy: "Write the repeated part out." };
  }
  if (node.tag !== undefined && !plainTags.includes(node.tag)) {
    const tag = node.tag.replace("tag:yaml.org,2002:", "!!");
    return {
      what: `the tag ${tag}, which not every reader of YAML knows`,
      remedy: "Write it without the tag.",
    };
  }
  return key === "key" && isScalar(node) && node.type === "PLAIN" && node.source === "<<"
    ? { what: "a merge key (<<), which puts in what stands elsewhere", remedy: "Write the merged part out." }
    : undefined;
}

function withList(mesh: MeshText, pair: Pair<ParsedNode, ParsedNode | null>, lines: LineCounter): MeshText {
  const [keyStart, keyEnd] = pair.key.range;
  const keyLine = lines.linePos(keyStart).line;
  const value = pair.value;
  const key = { start: keyStart, end: keyEnd };
  if (!/^[ \t]*:/.test(mesh.text.slice(keyEnd))) {
    throw new MeshTextError(
      "extensionProviders is written as an explicit key (?)",
      "Write it as `extensionProviders:`.",
      keyLine,
    );
  }
  if (value === null || (isScalar(value) && value.value === null)) {
    const range = value?.range ?? [keyEnd, keyEnd, keyEnd];
    return { ...mesh, style: "null", key, list: { start: range[0], end: range[1] } };
  }
  if (!isSeq(value)) {
    const found = isMap(value) ? "a mapping" : "a single value";
    throw new MeshTextError(`extensionProviders is ${found}, not a list`, "Correct it first.", keyLine);
  }
  const [start, end] = value.range;
  const style = value.flow === true ? "flow" : "block";
  const listIndent = style === "block" ? columnOf(mesh.text, start) : mesh.listIndent;
  const entries = providerEntries(value, mesh, lines);
  return { ...mesh, style, key, list: { start, end }, listIndent, entries };
}

function providerEntries(
  list: YAMLSeq.Parsed,
  { text, config }: MeshText,
  lines: LineCounter,
): ProviderEntry[] {
  const token = list.srcToken;
  const values = listAt(config, "extensionProviders");
  return list.items.map((item, index) => {
    const dash =
      token?.type === "block-seq"
        ? token.items[index]?.start.find((part: CST.SourceToken) => part.type === "seq-item-ind")
        : undefined;
    const start = dash?.offset ?? item.range[0];
    const value = values[index];
    return {
      name: nameOf(value),
      value,
      start,
      end: contentEnd(text, start, item.range[1]),
      line: lines.linePos(start).line,
    };
  });
}

/**
 * Refuses a text that holds one of the names twice: Istio would silently use the last one.
 *
 * @throws MeshTextError with the line of the second entry.
 */
export function refuseDuplicates(mesh: MeshText, names: readonly string[]): void {
  const wanted = new Set(names);
  const seen = new Map<string, number>();
  for (const { name, line } of mesh.entries) {
    if (name === undefined || !wanted.has(name)) {
      continue;
    }
    const before = seen.get(name);
    if (before !== undefined) {
      throw new MeshTextError(
        `extensionProviders holds ${name} twice, also on line ${before}; Istio uses the last one only`,
        "Remove one of the two first.",
        line,
      );
    }
    seen.set(name, line);
  }
}

function nameOf(value: unknown): string | undefined {
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** The parser counts the line break behind a nested map to the map; an edit must not. */
function contentEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}

/** Column of an offset, counted in characters from the start of its line. */
function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}
