// The schema of the component package in `plugin`, as Pulumi's component provider host gives it.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const plugin = fileURLToPath(new URL("../plugin", import.meta.url));

/** Compiles the component of the plugin and asks the host for its schema. */
export async function componentSchema() {
  execFileSync(process.execPath, [join(plugin, "build.mjs")], { stdio: "inherit" });
  const require = createRequire(join(plugin, "index.ts"));
  const { ComponentProvider, getPulumiComponents } = require("@pulumi/pulumi/provider/experimental/provider");
  const { name } = require("./package.json");
  const components = getPulumiComponents(require(plugin));
  return JSON.parse(await new ComponentProvider({ name, dirname: plugin, components }).getSchema());
}
