import { SecretValue, UNKNOWN } from "./secretValue";

// The marks of Pulumi's resource protocol (sdk/nodejs/runtime/rpc.ts, sdk/go/common/resource/properties.go).
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** How the protocol writes a value that is not known yet. */
export const WIRE_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A property map in the protocol's own form. */
export type WireProperties = Record<string, unknown>;

function signatureOf(value: object): unknown {
  return Reflect.get(value, SIGNATURE);
}

/** True for a value the protocol marks as secret. */
export function isWireSecret(value: unknown): value is { value: unknown } {
  return typeof value === "object" && value !== null && signatureOf(value) === SECRET_SIGNATURE;
}

/** A value marked as secret in the protocol's form. */
export function wireSecret(value: unknown): object {
  return { [SIGNATURE]: SECRET_SIGNATURE, value };
}

/**
 * From the protocol's form to readable values: secrets become `SecretValue`, unknown ones `UNKNOWN`, references to
 * other resources their URN. Everything else is copied as it is.
 */
export function fromWire(value: unknown): unknown {
  if (value === WIRE_UNKNOWN) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(fromWire);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const signature = signatureOf(value);
  if (signature === SECRET_SIGNATURE) {
    return new SecretValue(fromWire(Reflect.get(value, "value")));
  }
  if (signature === RESOURCE_SIGNATURE) {
    return Reflect.get(value, "urn");
  }
  if (signature === OUTPUT_SIGNATURE) {
    const inner = "value" in value ? fromWire(value.value) : UNKNOWN;
    return Reflect.get(value, "secret") === true ? new SecretValue(inner) : inner;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromWire(item)]));
}

/** `fromWire` for a whole property map. */
export function propertiesFromWire(properties: WireProperties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, fromWire(value)]));
}
