import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createTemporaryFolder } from "../stack/temporaryFolder";

const repository = resolve(__dirname, "../../..");
const leftOut = new Set(["node_modules", "dist"]);

/**
 * What a clone of the repository has for users of other languages: `src` and `plugin`, in which nothing is installed or
 * built yet, and the examples. The copy goes when the process ends.
 *
 * @returns its folder
 */
export function freshClone(): string {
  const clone = createTemporaryFolder("clone").path;
  for (const name of ["src", "plugin", "examples", "package.json"]) {
    cpSync(join(repository, name), join(clone, name), {
      recursive: true,
      filter: (path) => !leftOut.has(basename(path)),
    });
  }
  return clone;
}

/** Replaces text in a program, which has to hold it. */
export function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  if (changed === text) {
    throw new Error(`${file} does not hold ${String(from)}`);
  }
  writeFileSync(file, changed);
}

/** The examples in YAML, by path below `examples`. */
export function yamlExamples(): string[] {
  const folder = join(repository, "examples");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => basename(path) === "Pulumi.yaml")
    .filter((path) => /^runtime: yaml$/m.test(readFileSync(join(folder, path), "utf8")))
    .map((path) => path.slice(0, -"/Pulumi.yaml".length))
    .sort();
}
