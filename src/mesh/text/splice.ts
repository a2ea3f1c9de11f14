import { isDeepStrictEqual } from "node:util";
import { configMapByteLimit, MeshTextError, readMeshText } from "./meshText";
import type { MeshText } from "./meshText";

/** A part of the text and what stands there afterwards. */
export interface Splice {
  /** Offset of the first character that is replaced. */
  start: number;
  /** Offset after the last character that is replaced. */
  end: number;
  /** The new characters. */
  text: string;
}

/**
 * Replaces parts of a text; everything else stays as it is.
 *
 * @param splices - Parts that do not overlap, in any order. Something inserted where a replaced part starts comes
 * before that part.
 * @throws MeshTextError when two parts overlap.
 */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const splice of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (splice.start < position) {
      throw uncertain();
    }
    parts.push(text.slice(position, splice.start), splice.text);
    position = splice.end;
  }
  parts.push(text.slice(position));
  return parts.join("");
}

/** Offset of the line break that ends the line of `offset`, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const feed = text.indexOf("\n", offset);
  if (feed === -1) {
    return text.length;
  }
  return text[feed - 1] === "\r" ? feed - 1 : feed;
}

/** Offset of the first character of the line of `offset`. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Offset of the first character after the line in which content ending at `end` ends. */
export function nextLine(text: string, end: number): number {
  if (text[end - 1] === "\n") {
    return end;
  }
  const feed = text.indexOf("\n", end);
  return feed === -1 ? text.length : feed + 1;
}

/**
 * The last line of defence: an edited text must mean exactly what was intended, or it is not used.
 *
 * @param providers - What `extensionProviders` must hold now.
 * @returns The edited text, read.
 * @throws MeshTextError when anything else changed, or when the text is larger than a ConfigMap may be.
 */
export function verifyEdit(before: MeshText, text: string, providers: readonly unknown[]): MeshText {
  const bytes = Buffer.byteLength(text);
  if (bytes > configMapByteLimit) {
    throw new MeshTextError(
      `the mesh text would have ${bytes} bytes; the API server stores at most ${configMapByteLimit} in a ConfigMap`,
      "Make the mesh configuration smaller first.",
    );
  }
  const after = readMeshText(text);
  const others = (mesh: MeshText): unknown => ({ ...mesh.config, extensionProviders: undefined });
  const listed = after.entries.map((entry) => entry.value);
  if (!isDeepStrictEqual(others(before), others(after)) || !isDeepStrictEqual(listed, [...providers])) {
    throw uncertain();
  }
  return after;
}

function uncertain(): MeshTextError {
  return new MeshTextError(
    "the mesh text is written in a way that cannot be edited with certainty",
    "Write it as plain block YAML, as Istio renders it.",
  );
}

/**
 * The two comments that an edit leaves on the line of `extensionProviders`: our memory inside the text. They say
 * what to restore when the last entry is removed.
 */
export const listComments = {
  /** The key was not there. */
  added: " # list added by sigsci-istio",
  /** The key had an explicit null, which follows the comment. */
  replacedNull: "# sigsci-istio replaced: ",
} as const;
