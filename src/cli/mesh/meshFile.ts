import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Document, ParsedNode, Scalar, YAMLMap } from "yaml";
import { isRecord } from "../../pulumi/inputs";
import { textAt, textMapAt } from "../../kubernetes/liveObject";
import { Refusal } from "../../offline/refusal";
import { foreignFile, foreignFileMessage } from "../../mesh/text/foreignFile";
import { rewriteLiteral } from "./literalScalar";
import type { MeshState } from "./meshState";

/** A mesh text in a file, and how the file looks with another text in its place. */
export interface MeshFile extends MeshState {
  /** The whole file. */
  readonly content: string;
  /**
   * The whole file with another mesh text; everything else stays as it is.
   * @throws Refusal when the file is written in a way that cannot be edited with certainty
   */
  readonly withText: (text: string) => string;
}

/** Which ConfigMap of a file is meant; what is undefined may be any. */
export interface ConfigMapChoice {
  readonly name?: string;
  readonly namespace?: string;
}

type MapNode = YAMLMap<ParsedNode, ParsedNode | null>;

interface Found {
  readonly id: string;
  readonly mesh: Scalar.Parsed & { value: string };
  readonly keyStart: number;
  readonly annotations: Record<string, string>;
}

/**
 * Finds the mesh text of a file: in a ConfigMap manifest, possibly one of several documents or an item of a List, or
 * the file itself.
 * @throws Refusal when it is not YAML, holds no ConfigMap with a mesh text or several
 */
export function readMeshFile(content: string, label: string, choice: ConfigMapChoice = {}): MeshFile {
  const all = objectsIn(parse(content)).flatMap((object) => meshOf(object, label));
  if (all.length === 0) {
    const isManifest = refuseOther(content, label);
    if (!isManifest) {
      return bareText(content, label);
    }
  }
  const found = chosen(all, label, choice);
  return {
    label,
    content,
    text: found.mesh.value,
    annotations: found.annotations,
    withText: (text) => (text === found.mesh.value ? content : rewritten(content, label, found, text)),
  };
}

/**
 * Refuses a file without a mesh ConfigMap for what it is; what is wrong with a bare text, its edit says.
 * @returns whether it holds objects
 */
function refuseOther(content: string, label: string): boolean {
  const lines = new LineCounter();
  const documents = parseAll(content, lines);
  const isManifest = objectsIn(documents).some((object) => object.has("kind"));
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined && isManifest) {
    const reason = error.message.replace(/\.?\s*$/, "");
    throw new Refusal(`${label}, line ${lines.linePos(error.pos[0]).line}: not valid YAML: ${reason}`);
  }
  const foreign = documents
    .map((document) => foreignFile(valueOf(document)))
    .find((one) => one !== undefined);
  if (foreign !== undefined) {
    throw new Refusal(foreignFileMessage(label, foreign));
  }
  return isManifest;
}

/** A document as plain data; undefined when it is not valid, or its aliases have no end. */
function valueOf(document: Document.Parsed): unknown {
  try {
    return isBroken(document) ? undefined : (document.toJS() as unknown);
  } catch {
    return undefined;
  }
}

function isBroken({ errors }: Document.Parsed): boolean {
  return errors.length > 0;
}

function bareText(content: string, label: string): MeshFile {
  return { label, content, text: content, annotations: {}, withText: (text) => text };
}

/** The documents of a file. In the place of those that this parser cannot read by themselves there is nothing. */
function parse(content: string): Document.Parsed[] {
  const documents = parseAll(content);
  if (!documents.some(isBroken)) {
    return documents;
  }
  // Such a line ends a document, whatever stands before it. Offsets stay as they are.
  const readable = content
    .split(/^(?=---(?:\s|$))/m)
    .map((part) => (parseAll(part).some(isBroken) ? part.replace(/[^\r\n]/g, " ") : part));
  return parseAll(readable.join(""));
}

function parseAll(content: string, lineCounter?: LineCounter): Document.Parsed[] {
  const documents = parseAllDocuments(content, { lineCounter, keepSourceTokens: true, prettyErrors: false });
  return Array.isArray(documents) ? documents : [];
}

function objectsIn(documents: readonly Document.Parsed[]): MapNode[] {
  return documents.flatMap(({ contents }) => (isMap(contents) ? itemsOf(contents) : []));
}

function itemsOf(object: MapNode): MapNode[] {
  const items = object.get("items", true);
  return isSeq(items) ? [object, ...items.items.filter((item): item is MapNode => isMap(item))] : [object];
}

function meshOf(object: MapNode, label: string): Found[] {
  const kind: unknown = object.get("kind");
  if (kind !== "ConfigMap") {
    return [];
  }
  const data = object.get("data", true);
  const pair = isMap(data) ? data.items.find(({ key }) => isScalar(key) && key.value === "mesh") : undefined;
  if (pair === undefined) {
    return [];
  }
  const manifest: unknown = object.toJSON();
  const metadata = isRecord(manifest) && isRecord(manifest.metadata) ? manifest.metadata : {};
  const id = `${textAt(metadata, "namespace") ?? ""}/${textAt(metadata, "name") ?? ""}`;
  const mesh = pair.value;
  const key = pair.key;
  if (!isTextNode(mesh) || !isScalar(key) || !Array.isArray(key.range)) {
    throw new Refusal(
      `${label}: the key mesh of ConfigMap ${id} is no text. Write it as a block literal (mesh: |).`,
    );
  }
  return [{ id, mesh, keyStart: key.range[0], annotations: textMapAt(metadata, "annotations") }];
}

function isTextNode(node: unknown): node is Scalar.Parsed & { value: string } {
  return isScalar(node) && typeof node.value === "string" && Array.isArray(node.range);
}

function chosen(found: readonly Found[], label: string, { name, namespace }: ConfigMapChoice): Found {
  const fits = found.filter(({ id }) => {
    const [space = "", own = ""] = id.split("/");
    return (name ?? own) === own && (space === "" || (namespace ?? space) === space);
  });
  const [only, ...others] = fits;
  if (only !== undefined && others.length === 0) {
    return only;
  }
  const listed = (all: readonly Found[]): string => all.map(({ id }) => id.replace(/^\//, "")).join(", ");
  if (only !== undefined) {
    throw new Refusal(`${label} holds several mesh configs: ${listed(fits)}. Choose one with --config-map.`);
  }
  throw new Refusal(
    found.length === 0
      ? `${label} holds no ConfigMap with the key mesh. Give the manifest of Istio's ConfigMap, or the mesh text.`
      : `${label} holds no such mesh config; it holds ${listed(found)}.`,
  );
}

function rewritten(content: string, label: string, { mesh, keyStart, id }: Found, text: string): string {
  const [start, end] = mesh.range;
  const candidates = [
    mesh.type === "BLOCK_LITERAL"
      ? rewriteLiteral({ source: content.slice(start, end), value: mesh.value }, text)
      : undefined,
    newLiteral(content, mesh, keyStart, text),
    JSON.stringify(text) + (content.slice(start, end).endsWith("\n") ? "\n" : ""),
  ];
  const before = plainValues(parse(content), label);
  for (const candidate of candidates) {
    if (candidate === undefined) {
      continue;
    }
    const edited = content.slice(0, start) + candidate + content.slice(end);
    if (saysTheSameBut(before, edited, mesh.value, text)) {
      return edited;
    }
  }
  throw new Refusal(
    `${label}: the key mesh of ConfigMap ${id} is written in a way that cannot be edited with certainty. ` +
      "Write it as a block literal (mesh: |).",
  );
}

/** A block literal in the place of a quoted, plain or folded text; not where something follows on its line. */
function newLiteral(
  content: string,
  mesh: Scalar.Parsed,
  keyStart: number,
  text: string,
): string | undefined {
  const [start, end] = mesh.range;
  const isBlock = content.slice(start, end).endsWith("\n");
  const follows = isBlock ? "" : (/^[^\n]*/.exec(content.slice(end))?.[0] ?? "");
  if (follows.trim() !== "" || text.startsWith(" ")) {
    return undefined;
  }
  const column = keyStart - (content.lastIndexOf("\n", keyStart - 1) + 1);
  const indent = " ".repeat(column + 2);
  const keep = text.endsWith("\n\n") ? "+" : "";
  const header = text.endsWith("\n") ? `|${keep}` : "|-";
  const lines = text.replace(/\n$/, "").split("\n");
  const body = lines.map((line) => (line === "" ? "" : indent + line)).join("\n");
  return `${header}\n${body}${isBlock ? "\n" : ""}`;
}

/** Whether a file means what it meant before, apart from one mesh text. */
function saysTheSameBut(before: readonly unknown[], after: string, old: string, text: string): boolean {
  const documents = parse(after);
  if (documents.some(isBroken)) {
    return false;
  }
  let replaced = 0;
  // Texts may be equal in several ConfigMaps of a file: the first difference must be the only one.
  const compare = (one: unknown, other: unknown): boolean => {
    if (one === old && other === text) {
      return (replaced += 1) === 1;
    }
    if (Array.isArray(one) && Array.isArray(other)) {
      return one.length === other.length && one.every((item, index) => compare(item, other[index]));
    }
    if (!isRecord(one) || !isRecord(other)) {
      return isDeepStrictEqual(one, other);
    }
    const keys = Object.keys(one);
    return isDeepStrictEqual(keys, Object.keys(other)) && keys.every((key) => compare(one[key], other[key]));
  };
  return (
    compare(
      before,
      documents.map((document): unknown => document.toJS()),
    ) && replaced === 1
  );
}

function plainValues(documents: readonly Document.Parsed[], label: string): unknown[] {
  try {
    return documents.map((document): unknown => document.toJS());
  } catch {
    throw new Refusal(
      `${label}: its aliases multiply without end, or name nothing. Write the repeated parts out.`,
    );
  }
}
