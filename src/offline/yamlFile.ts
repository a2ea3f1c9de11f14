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
    return loadAll(text).filter((value) => value !== null && value !== undefined);
  } catch (error) {
    if (!(error instanceof YAMLException)) {
      throw error;
    }
    // Typed as always there, but some errors have no position.
    const where = isPlainObject(error.mark) ? `, line ${error.mark.line + 1}` : "";
    throw new Refusal(`${fileLabel(path)}${where}: not valid YAML: ${error.reason}`);
  }
}
