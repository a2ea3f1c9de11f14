import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { cached, cacheFolder } from "../stack/cache";
import { runCommand } from "../stack/command";
import { withProgress } from "../stack/progress";
import { createTemporaryFolder } from "../stack/temporaryFolder";

const repository = resolve(__dirname, "../../..");
const leftOut = new Set(["node_modules", "dist"]);

/**
 * The folder `plugin` of what a clone of the repository has, in which the command of Pulumi's language host has been run:
 * it installs what the plugin depends on and compiles the component. Made once for each state of the sources, and shared.
 *
 * @returns its path
 */
export async function installedPlugin(): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const file of sources()) {
    hash.update(file).update(readFileSync(join(repository, file)));
  }
  const clone = await cached(`plugin-${hash.digest("hex").slice(0, 12)}`, async (folder) => {
    copySources(folder);
    await withProgress("plugin", "installing it as Pulumi does after a clone", async () => {
      await runCommand({
        command: "npm",
        args: ["install", "--loglevel=error", "--prefer-offline"],
        cwd: join(folder, "plugin"),
        logFile: join(cacheFolder(), "logs", "plugin.log"),
        purpose: "installing the plugin",
        ifMissing: "Install Node.js 20 or later with npm.",
      });
    });
  });
  return join(clone, "plugin");
}

/**
 * A copy of an example in another language that uses the {@link installedPlugin}. It goes when the process ends.
 *
 * @param example - Its path below `examples`.
 */
export async function exampleInYaml(example: string): Promise<string> {
  const copy = createTemporaryFolder("yaml").path;
  cpSync(join(repository, "examples", example), copy, { recursive: true });
  change(join(copy, "Pulumi.yaml"), /(?<=sigsci-istio: ).*plugin$/m, await installedPlugin());
  return copy;
}

/** Puts into a folder what the plugin needs of a clone of the repository. */
export function copySources(folder: string): void {
  for (const file of sources()) {
    cpSync(join(repository, file), join(folder, file));
  }
}

/** Replaces text in a file, which has to hold it. */
export function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  if (changed === text) {
    throw new Error(`${file} does not hold ${String(from)}`);
  }
  writeFileSync(file, changed);
}

function sources(): string[] {
  return ["src", "plugin"].flatMap(filesBelow);
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(repository, folder))
    .filter((name) => !leftOut.has(basename(name)))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(join(repository, path)).isDirectory() ? filesBelow(path) : [path];
    });
}
