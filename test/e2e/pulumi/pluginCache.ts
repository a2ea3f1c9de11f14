import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { sdkVersion } from "../provider/sdkVersion";
import { findPlugin, plugins } from "../stack/prepare";

/**
 * Puts the suite's stand-ins where `pulumi plugin install` puts plugins. The engine warns of each plugin that it takes
 * from PATH, and what a test looks at shall be what a user sees; plugins that are on PATH are taken from there.
 *
 * @param home - The `PULUMI_HOME`.
 */
export function fillPluginCache(home: string): void {
  for (const { name, path, isStandIn } of plugins.map(findPlugin)) {
    if (!isStandIn) {
      continue;
    }
    const [, kind = "", of = ""] = name.split("-");
    // The language host belongs to the engine; the stand-in goes by the SDK that it runs programs with.
    const version = sdkVersion(kind === "language" ? "@pulumi/pulumi" : `@pulumi/${of}`);
    const folder = join(home, "plugins", `${kind}-${of}-v${version}`);
    mkdirSync(folder, { recursive: true });
    symlinkSync(path, join(folder, name));
  }
}
