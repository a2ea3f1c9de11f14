import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** A provider that an installed package belongs to. */
export interface RequiredPackage {
  readonly name: string;
  /** Starts with `v`. */
  readonly version: string;
}

/**
 * The providers that a program may need: those of every package below its `node_modules` whose `package.json` says
 * `pulumi.resource`. An npm package is a provider of the name in `pulumi.name`, or of its own name after `@pulumi/`.
 *
 * @param programDirectory - Folder with the `node_modules`.
 */
export function requiredPackages(programDirectory: string): RequiredPackage[] {
  return installedPackages(programDirectory, new Set()).flatMap((folder) => {
    const manifest = readObject(join(folder, "package.json"));
    const pulumi = object(manifest.pulumi);
    if (pulumi.resource !== true) {
      return [];
    }
    const name = text(pulumi.name) ?? text(manifest.name)?.replace(/^@pulumi\//, "");
    const version = text(pulumi.version) ?? text(manifest.version);
    if (name === undefined || version === undefined) {
      return [];
    }
    return [{ name, version: version.startsWith("v") ? version : `v${version}` }];
  });
}

/** Folders of packages, those inside of other packages too; a folder that is linked twice is listed once. */
function installedPackages(folder: string, seen: Set<string>): string[] {
  const modules = join(folder, "node_modules");
  return subfolders(modules)
    .flatMap((path) => (path.startsWith(join(modules, "@")) ? subfolders(path) : [path]))
    .map((path) => realpathSync(path))
    .filter((path) => {
      const isNew = !seen.has(path);
      seen.add(path);
      return isNew && existsSync(join(path, "package.json"));
    })
    .flatMap((path) => [path, ...installedPackages(path, seen)]);
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(folder, name));
}

function readObject(file: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
  return object(parsed);
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
