import * as pulumi from "@pulumi/pulumi";

// The protocol's mark of a secret; the SDK hands it on to transforms as it came. Source: Pulumi, sdk/nodejs/runtime/rpc.ts.
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/**
 * The properties that a transform is given, with what is secret or not known yet as Outputs, as a program has them.
 *
 * @param props - The properties as the SDK gives them.
 */
export function transformedProps(props: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, transformedValue(value)]));
}

function transformedValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(transformedValue);
  }
  if (pulumi.isUnknown(value)) {
    return pulumi.output(value);
  }
  if (!isPlainObject(value)) {
    return value;
  }
  return value[signature] === secretSignature
    ? pulumi.secret(transformedValue(value.value))
    : transformedProps(value);
}

/** Outputs, assets and resources are left as they are. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
