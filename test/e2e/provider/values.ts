/**
 * Property values as they travel between the engine and a provider: JSON, with secrets and unknowns marked in band.
 * The marks are part of Pulumi's wire protocol (`sdk/go/common/resource/plugin/rpc.go`).
 */

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** What the engine sends for a string that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True for a JSON object, false for arrays, null and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Marks a value as secret; a value that is marked already stays as it is. */
export function makeSecret(value: Json): Json {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** True for a value marked as secret at its top. */
export function isSecret(value: Json | undefined): boolean {
  return isObject(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

/** A deep copy without the secret marks and without null members. */
export function plain(value: JsonObject): JsonObject;
export function plain(value: Json): Json;
export function plain(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map((item) => plain(item));
  }
  if (!isObject(value)) {
    return value;
  }
  if (isSecret(value)) {
    return plain(value.value ?? null);
  }
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
}

/** A deep copy without null members; secret marks stay. */
export function withoutNulls(value: JsonObject): JsonObject;
export function withoutNulls(value: Json): Json;
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map((item) => withoutNulls(item));
  }
  if (!isObject(value)) {
    return value;
  }
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}
