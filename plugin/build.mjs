// Compiles the component from `../src` into `dist`; `npm install` runs it, so that a clone is all that Pulumi needs.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const source = fileURLToPath(new URL("../src", import.meta.url));
const output = fileURLToPath(new URL("dist", import.meta.url));
const stamp = join(output, "sources");

const options = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.CommonJS,
  esModuleInterop: true,
  declaration: true,
  inlineSourceMap: true,
  inlineSources: true,
  rootDir: source,
  outDir: output,
  // `npm run typecheck` of the root checks types; without them nothing else is loaded.
  noCheck: true,
  noResolve: true,
  isolatedModules: true,
  types: [],
};

/** The files of `src`, and what changes when one of them does. */
function sources() {
  const names = readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".ts"));
  const files = names.sort().map((name) => join(source, name));
  const hash = createHash("sha256").update(ts.version);
  for (const file of [...files, fileURLToPath(import.meta.url)]) {
    hash.update(file).update(readFileSync(file));
  }
  return { files, digest: hash.digest("hex") };
}

/**
 * Declarations as Pulumi's analyzer can use them: it takes private members for outputs, links for objects, and leaves
 * tags out of a description, so also what says the default. SDKs add `Args` to the names of types themselves.
 */
function forAnalyzer(declarations) {
  return declarations
    .replace(/^ *private .*;\n/gm, "")
    .replace(/\{@link (\S+?)\}/g, "`$1`")
    .replace(/@default (?=.)/g, "Default: ")
    .replace(/\b(?!SigsciIstioIntegration)([A-Z]\w*)Args\b/g, "$1");
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith(".d.ts") ? forAnalyzer(text) : text);
}

function readStamp() {
  try {
    return readFileSync(stamp, "utf8");
  } catch {
    return undefined;
  }
}

const { files, digest } = sources();
// Pulumi installs a local plugin before each command, also while another one runs it.
if (readStamp() !== digest) {
  rmSync(output, { recursive: true, force: true });
  ts.createProgram(files, options).emit(undefined, write);
  writeFileSync(stamp, digest);
}
