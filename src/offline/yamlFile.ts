import { readFileSync } from "node:fs";
import { loadAll, YAMLException } from "js-yaml";
import { Refusal } from "./refusal";
import { isPlainObject } from "./secretValue";

/**
 * Reads a text file; `-` is standard input.
 * @throws Refusal naming the file if it cannot be read
 */
export function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const meaning =
      { ENOENT: "no such file", EISDIR: "it is a folder", EACCES: "no permission" }[reason] ?? reason;
    throw new Refusal(`cannot read ${fileLabel(path)}: ${meaning}`);
  }
}

/** How messages name a file. */
export function fileLabel(path: string): string {
  return path === "-" ? "standard input" : path;
}

/**
 * The YAML documents of a text as plain values; empty ones are left out. Read by js-yaml, not by the yaml package: that
 * one keeps comments and positions, which nobody needs here, and takes ten times as long for it: 1.2 s of CPU time for
 * 2,000 manifests, which with thousands of them is the greater part of a render.
 * @throws Refusal naming file and line of the first error
 */
export function parseYaml(text: string, path: string): unknown[] {
  try {
    const values = loadAll(text).filter((value) => value !== null && value !== undefined);
    if (multiplies(values)) {
      throw new Refusal(
        `${fileLabel(path)}: its aliases multiply without end. Write the repeated parts out.`,
      );
    }
    return values;
  } catch (error) {
    if (!(error instanceof YAMLException)) {
      throw error;
    }
    // Typed as always there, but some errors have no position.
    const where = isPlainObject(error.mark) ? `, line ${error.mark.line + 1}` : "";
    throw new Refusal(`${fileLabel(path)}${where}: not valid YAML: ${error.reason}`);
  }
}

/** The same without the documents that are not valid, where the others can be read by themselves. */
export function parseValidYaml(text: string, path: string): unknown[] {
  // Such a line ends a document, whatever stands before it.
  return text.split(/^---(?=\s|$)/m).flatMap((document) => {
    try {
      return parseYaml(document, path);
    } catch (error) {
      if (error instanceof Refusal) {
        return [];
      }
      throw error;
    }
  });
}

// Far more than any list of manifests with anchors comes to.
const mostAliased = 1_000_000;
// The parser's own limit holds for what is written out, not for what aliases stand for.
const deepest = 1000;

/** Whether aliases make far more of some values than is written there, or lead back to where they stand. */
function multiplies(values: readonly unknown[]): boolean {
  const sizes = new Map<object, number>();
  const sizeOf = (value: unknown, depth: number): number => {
    if (typeof value !== "object" || value === null) {
      return 1;
    }
    const known = sizes.get(value);
    if (known !== undefined || depth > deepest) {
      return known ?? Infinity;
    }
    // Until it is known: an alias to it in its own content has no end.
    sizes.set(value, Infinity);
    const size = Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner, depth + 1), 1);
    sizes.set(value, size);
    return size;
  };
  const expanded = sizeOf(values, 0);
  return !Number.isFinite(expanded) || (expanded > mostAliased && expanded > 10 * written(sizes));
}

/** How much of some values is written out: each object and list once, with its scalars. */
function written(sizes: ReadonlyMap<object, number>): number {
  return [...sizes.keys()].reduce((sum, one) => sum + 1 + Object.keys(one).length, 0);
}
