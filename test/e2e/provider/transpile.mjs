import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const folder = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "pulumi-sigsci-istio",
  "transpiled",
);

/**
 * Lets `require` load TypeScript, from a cache by content after the first time. The engine starts a provider anew for
 * every operation: loading the compiler each time would cost more than all the rest of a preview.
 */
export function registerTypeScript() {
  const { version } = require("typescript/package.json");
  mkdirSync(folder, { recursive: true });
  Module._extensions[".ts"] = (module, path) => {
    module._compile(transpiled(path, version), path);
  };
}

function transpiled(path, version) {
  const source = readFileSync(path, "utf8");
  const key = createHash("sha256").update(`${version}\0${path}\0${source}`).digest("hex");
  const cached = join(folder, `${key}.js`);
  try {
    return readFileSync(cached, "utf8");
  } catch {
    const output = transpile(source, path);
    // Two providers may do this at the same moment: a rename never shows half a file.
    const draft = `${cached}.${process.pid}`;
    writeFileSync(draft, output);
    renameSync(draft, cached);
    return output;
  }
}

function transpile(source, fileName) {
  const { ModuleKind, ScriptTarget, transpileModule } = require("typescript");
  const compilerOptions = {
    module: ModuleKind.CommonJS,
    target: ScriptTarget.ES2022,
    esModuleInterop: true,
    inlineSourceMap: true,
  };
  return transpileModule(source, { fileName, compilerOptions }).outputText;
}
