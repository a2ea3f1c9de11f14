import type * as pulumi from "@pulumi/pulumi";
import type { PulumiSdk } from "./pulumiSdk";

/** What stands in for a configuration value of a type that `Pulumi.yaml` or the program asks for. */
export function placeholderFor(key: string, type: unknown): string {
  switch (type) {
    case "integer":
    case "number":
      return "1";
    case "boolean":
      return "true";
    case "array":
      return "[]";
    case "object":
      return "{}";
    default:
      return placeholderText(key.slice(key.indexOf(":") + 1));
  }
}

/** A text that also names objects of Kubernetes, hosts and labels, where a program makes such of it. */
export function placeholderText(name: string): string {
  return `placeholder-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`.slice(0, 40).replace(/-$/, "");
}

const requiring = {
  require: "string",
  requireSecret: "string",
  requireNumber: "number",
  requireSecretNumber: "number",
  requireBoolean: "boolean",
  requireSecretBoolean: "boolean",
  requireObject: "object",
  requireSecretObject: "object",
} as const satisfies Partial<Record<keyof pulumi.Config, string>>;

/**
 * Gives a placeholder for each value that the program requires and that is not set. Its checks of a pattern or a range
 * are left out for these: no value of the user's is in question.
 * @param used collects the full keys
 * @param objects collects those of them of which nothing is known but that they are JSON
 * @returns a function that takes the change back
 */
export function fillMissingConfiguration(
  sdk: PulumiSdk,
  used: Set<string>,
  objects: Set<string>,
): () => void {
  const { Config, runtime } = sdk.pulumi;
  // The methods differ in what they give, which is passed on as it is.
  const prototype = Config.prototype as unknown as Record<string, (key: string, options?: object) => unknown>;
  const originals = Object.keys(requiring).map((method) => [method, prototype[method]] as const);
  for (const [method, original] of originals) {
    const type = requiring[method as keyof typeof requiring];
    prototype[method] = function require(this: pulumi.Config, key, options) {
      const fullKey = `${this.name}:${key}`;
      if (runtime.getConfig(fullKey) === undefined) {
        runtime.setConfig(fullKey, chosen(options) ?? placeholderFor(key, type));
        used.add(fullKey);
        if (type === "object") {
          objects.add(fullKey);
        }
      }
      return original?.call(this, key, used.has(fullKey) ? undefined : options);
    };
  }
  return () => {
    Object.assign(prototype, Object.fromEntries(originals));
  };
}

/** The first of the values that the program allows. */
function chosen(options: object | undefined): string | undefined {
  const allowed: unknown = options === undefined ? undefined : Reflect.get(options, "allowedValues");
  const first: unknown = Array.isArray(allowed) ? allowed[0] : undefined;
  return typeof first === "string" ? first : undefined;
}
