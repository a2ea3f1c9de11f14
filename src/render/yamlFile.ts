import { readFileSync } from "node:fs";
import { Composer, LineCounter, Parser } from "yaml";
import { Refusal } from "./refusal";

/** One YAML document of a file, as plain values. */
export interface YamlDocument {
  readonly value: unknown;
  /** line on which it starts, from 1 */
  readonly line: number;
}

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
 * Splits a text into its YAML documents; empty ones are left out. One document after another, so that of a long list
 * of manifests only the plain values stay in memory.
 * @throws Refusal naming file and line at the first error
 */
export function parseYaml(text: string, path: string): YamlDocument[] {
  const lineCounter = new LineCounter();
  const parser = new Parser(lineCounter.addNewLine);
  const found: YamlDocument[] = [];
  for (const document of new Composer({ logLevel: "error" }).compose(parser.parse(text))) {
    const error = document.errors[0];
    if (error !== undefined) {
      const { line } = lineCounter.linePos(error.pos[0]);
      throw new Refusal(`${fileLabel(path)}, line ${line}: not valid YAML: ${error.message}`);
    }
    const value = toPlain(document, path);
    const { line } = lineCounter.linePos(document.range[0]);
    if (value !== null && value !== undefined) found.push({ value, line });
  }
  return found;
}

function toPlain(document: { toJS: (options: { maxAliasCount: number }) => unknown }, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${fileLabel(path)}: not valid YAML: ${reason}`);
  }
}
