// Compiles the component from `../src` into `dist`; `npm install` runs it, so that a clone is all that Pulumi needs.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const output = join(folder, "dist");

/**
 * Declarations as Pulumi's analyzer can use them: it takes private members for outputs, links for objects, and leaves
 * tags out of a description, so also what says the default.
 */
function forAnalyzer(declarations) {
  return declarations
    .replace(/^ *private .*;\n/gm, "")
    .replace(/\{@link (\S+?)\}/g, "`$1`")
    .replace(/^( *\* |.*?)@default (.*)$/gm, "$1Default: $2");
}

rmSync(output, { recursive: true, force: true });
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", join(folder, "tsconfig.build.json")], { stdio: "inherit" });
for (const name of readdirSync(output, { recursive: true }).filter((file) => file.endsWith(".d.ts"))) {
  const file = join(output, name);
  writeFileSync(file, forAnalyzer(readFileSync(file, "utf8")));
}
