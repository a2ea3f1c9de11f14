import { readFileSync } from "node:fs";
import { isObject } from "./values";

/**
 * The version of an installed SDK such as `@pulumi/kubernetes`. The stand-ins claim to be of their SDK's version,
 * for the engine warns of an older one at every operation.
 */
export function sdkVersion(sdk: string): string {
  const description: unknown = JSON.parse(readFileSync(require.resolve(`${sdk}/package.json`), "utf8"));
  const version = isObject(description) ? description.version : undefined;
  if (typeof version !== "string") {
    throw new Error(`${sdk} has no version`);
  }
  return version;
}
