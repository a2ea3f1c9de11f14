import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "./cache";
import { findOnPath } from "./executables";
import { findPart } from "./findPart";
import { sdkVersion } from "./sdkVersion";

/** What the engine starts that no registry has, and the suite's own stand-in for it. */
const standIns = {
  "pulumi-language-nodejs": resolve(__dirname, "../language/bin/pulumi-language-nodejs"),
  "pulumi-resource-random": resolve(__dirname, "../provider/bin/pulumi-resource-random"),
} as const;

/** A plugin of the engine and where it comes from. */
export interface FoundPlugin {
  readonly name: string;
  readonly path: string;
  /** Whether it is the suite's own stand-in. */
  readonly isStandIn: boolean;
}

/** The plugins that are no parts of the stack: those on PATH, else the stand-ins. */
export function findPlugins(): FoundPlugin[] {
  return Object.entries(standIns).map(([name, standIn]) => {
    const onPath = findOnPath(name);
    return { name, path: onPath ?? standIn, isStandIn: onPath === undefined };
  });
}

/** Whether the Kubernetes provider is the one that the suite builds, which lacks what came with 4.29 and later. */
export async function isBuiltProvider(): Promise<boolean> {
  return (await findPart("pulumi-resource-kubernetes")).path.startsWith(cacheFolder());
}

/** With it the engine takes no plugin from PATH: it would warn of each, and what tests see shall be what users see. */
export const pluginSettings = { PULUMI_IGNORE_AMBIENT_PLUGINS: "true" } as const;

/**
 * Puts every plugin where `pulumi plugin install` puts it, under the version that its SDK asks for.
 *
 * @param home - The `PULUMI_HOME`.
 */
export async function fillPluginCache(home: string): Promise<void> {
  const provider = await findPart("pulumi-resource-kubernetes");
  const yaml = await findPart("pulumi-language-yaml");
  for (const { name, path } of [provider, yaml, ...findPlugins()]) {
    const [, kind = "", of = ""] = name.split("-");
    // A language host belongs to the engine; it goes by the SDK that it runs programs with.
    const version = sdkVersion(kind === "language" ? "@pulumi/pulumi" : `@pulumi/${of}`);
    const folder = join(home, "plugins", `${kind}-${of}-v${version}`);
    mkdirSync(folder, { recursive: true });
    symlinkSync(path, join(folder, name));
  }
}
