import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { types } from "node:util";
import { keepModules, resolveOwnPackage } from "./moduleLoading";
import type { ProjectSettings } from "./projectConfig";
import { Refusal } from "./refusal";
import { isPlainObject } from "./secretValue";
import { registerTypeScript } from "./typeScriptLoader";

/** A program ready to be run once. */
export interface LoadedProgram {
  /** absolute path of the file that is required */
  readonly entry: string;
  /** Requires the program and, if it exports a function, calls it. What it gives becomes the stack's outputs. */
  run(): unknown;
  /** Takes back what loading changed in the process: module loading and working directory. */
  release(): void;
}

const EXTENSIONS = [".js", ".cjs", ".ts", ".cts", ".mjs"];

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** The file a path without extension, or a folder, stands for. */
function completed(path: string): string | undefined {
  const candidates = [path, ...EXTENSIONS.map((extension) => path + extension)];
  const inFolder = EXTENSIONS.map((extension) => join(path, `index${extension}`));
  return [...candidates, ...inFolder].find(isFile);
}

function readPackageJson(folder: string): Record<string, unknown> {
  const path = join(folder, "package.json");
  if (!existsSync(path)) {
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isPlainObject(parsed) ? parsed : {};
  } catch (error) {
    throw new Refusal(`${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The same order as Pulumi's: `main` of Pulumi.yaml, `main` of package.json if it is built, index. */
function findEntry({ folder, main }: ProjectSettings, packageJson: Record<string, unknown>): string {
  if (main !== undefined) {
    const entry = completed(resolve(folder, main));
    if (entry === undefined) {
      throw new Refusal(`Pulumi.yaml says main: ${main}, and there is no such program`);
    }
    return entry;
  }
  const packageMain =
    typeof packageJson.main === "string" ? completed(resolve(folder, packageJson.main)) : undefined;
  const entry = packageMain ?? completed(join(folder, "index"));
  if (entry === undefined) {
    throw new Refusal(`${folder} holds no program: neither index.ts nor index.js`);
  }
  return entry;
}

function refuseModuleFormat(entry: string, packageJson: Record<string, unknown>): void {
  const isTypeScript = entry.endsWith("ts");
  if (isTypeScript && (packageJson.type === "module" || entry.endsWith(".mts"))) {
    throw new Refusal(
      `the program is an ES module in TypeScript ("type": "module" in package.json), which cannot be loaded directly.\n` +
        `Compile it first and point main in Pulumi.yaml at the JavaScript, or remove "type": "module".`,
    );
  }
}

/** Turns the loader's own errors into what the user can do about them; others stay what they are. */
function explainLoadError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) {
    return error;
  }
  const message = error.message.split("\n")[0] ?? "";
  const missing = /^Cannot find module '([^']+)'/.exec(message)?.[1];
  if (error.code === "MODULE_NOT_FOUND" && missing !== undefined) {
    const isPackage = !/^[./]/.test(missing);
    const way = isPackage ? `\nInstall the program's dependencies first: npm install (in ${folder})` : "";
    return new Refusal(`the program needs '${missing}', which was not found.${way}`);
  }
  if (error.code === "ERR_REQUIRE_ESM") {
    return new Refusal(
      `the program is an ES module; Node ${process.versions.node} cannot load it here: use 20.19 or newer`,
    );
  }
  return error;
}

/** Calls an exported function, as Pulumi does; for an ES module its default export stands for the module. */
function start(exported: unknown): unknown {
  const isModule = types.isModuleNamespaceObject(exported) && isPlainObject(exported);
  const main = isModule && "default" in exported ? exported.default : exported;
  return typeof main === "function" ? (Reflect.apply(main, undefined, []) as unknown) : main;
}

/**
 * Prepares the program of a folder. The working directory becomes the program's own for the time of the run, as under
 * `pulumi up`, because programs read files by relative paths.
 * @throws Refusal if there is no program, or none that can be loaded here
 */
export function loadProgram(settings: ProjectSettings): LoadedProgram {
  const packageJson = readPackageJson(settings.folder);
  const entry = findEntry(settings, packageJson);
  refuseModuleFormat(entry, packageJson);
  const previous = process.cwd();
  process.chdir(settings.main === undefined ? settings.folder : dirname(entry));
  const restoreFolder = (): void => {
    process.chdir(previous);
  };
  const undo = [restoreFolder, resolveOwnPackage(), keepModules(settings.folder)];
  const release = (): void => {
    for (const step of undo.splice(0).reverse()) {
      step();
    }
  };
  try {
    if ([".ts", ".cts"].includes(extname(entry))) {
      undo.push(registerTypeScript(settings.folder));
    }
  } catch (error) {
    release();
    throw error;
  }
  return {
    entry,
    run: () => {
      try {
        // The program's exports are whatever it chose to export.
        return start(createRequire(entry)(entry) as unknown);
      } catch (error) {
        throw explainLoadError(error, settings.folder);
      }
    },
    release,
  };
}
