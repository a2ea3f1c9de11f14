import Module from "node:module";
import { join, sep } from "node:path";

/** Node's module loader with the parts that its declared types leave out. */
interface Loader {
  _resolveFilename: (request: string, ...rest: unknown[]) => string;
  _extensions: Record<string, unknown>;
  _cache: Record<string, unknown>;
}

// Undeclared, but unchanged since Node 0.x: every require hook there is builds on these three.
const loader = Module as unknown as Loader;

const OWN_NAME = "pulumi-sigsci-istio";

/**
 * Lets `require("pulumi-sigsci-istio")` find this very package where the program has not installed it, as in the
 * examples of a clone. An installed copy always wins, and no other name is touched.
 * @returns a function that takes the change back
 */
export function resolveOwnPackage(): () => void {
  const original = loader._resolveFilename;
  loader._resolveFilename = function resolve(this: unknown, request, ...rest): string {
    try {
      return original.call(this, request, ...rest);
    } catch (error) {
      if (request !== OWN_NAME) {
        throw error;
      }
      return require.resolve(join(__dirname, "..", "index"));
    }
  };
  return () => {
    loader._resolveFilename = original;
  };
}

/** Remembers which file types `require` understands. @returns a function that goes back to that */
export function keepExtensions(): () => void {
  const before = { ...loader._extensions };
  return () => {
    for (const extension of Object.keys(loader._extensions)) {
      if (before[extension] === undefined) {
        Reflect.deleteProperty(loader._extensions, extension);
      }
    }
    Object.assign(loader._extensions, before);
  };
}

/**
 * Remembers which modules are loaded.
 * @returns a function that forgets those loaded since from `folder` itself, so that the same program can run again;
 *   its dependencies stay loaded
 */
export function keepModules(folder: string): () => void {
  const before = new Set(Object.keys(loader._cache));
  const inside = folder + sep;
  return () => {
    for (const file of Object.keys(loader._cache)) {
      const own = file.startsWith(inside) && !file.slice(inside.length).split(sep).includes("node_modules");
      if (own && !before.has(file)) {
        Reflect.deleteProperty(loader._cache, file);
      }
    }
  };
}
