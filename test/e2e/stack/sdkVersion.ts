import { readFileSync } from "node:fs";

/** The version of an installed SDK such as `@pulumi/kubernetes`, which is that of the plugin that it asks for. */
export function sdkVersion(sdk: string): string {
  const description: unknown = JSON.parse(readFileSync(require.resolve(`${sdk}/package.json`), "utf8"));
  if (typeof description === "object" && description !== null && "version" in description) {
    return String(description.version);
  }
  throw new Error(`${sdk} has no version`);
}
