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

const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** True for a JSON object, false for arrays, null and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for the in-band mark of a value that is not known yet. */
export function isUnknown(value: Json | undefined): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

/** Marks a value as secret; a value that is marked already stays as it is. */
export function makeSecret(value: Json): Json {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** True for a value marked as secret at its top. */
export function isSecret(value: Json | undefined): boolean {
  return isObject(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

/** True when the value or anything inside it is marked as secret. */
export function containsSecrets(value: Json): boolean {
  if (Array.isArray(value)) {
    return value.some(containsSecrets);
  }
  if (!isObject(value)) {
    return false;
  }
  return isSecret(value) || Object.values(value).some(containsSecrets);
}

/** True when the value or anything inside it is not known yet. */
export function containsUnknowns(value: Json): boolean {
  if (Array.isArray(value)) {
    return value.some(containsUnknowns);
  }
  if (isObject(value)) {
    return Object.values(value).some(containsUnknowns);
  }
  return isUnknown(value);
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

/**
 * Carries the secret marks of `ins` over to `outs`, in place, the way the Kubernetes provider does:
 * objects are walked together; where an input (an array included) holds a secret, the whole output is marked;
 * `data` and `stringData` of a Secret are marked always, and nothing else of it is.
 */
export function annotateSecrets(outs: JsonObject, ins: JsonObject): void {
  if (outs.kind === "Secret") {
    for (const key of ["data", "stringData"]) {
      const value = outs[key];
      if (value !== undefined) {
        outs[key] = makeSecret(value);
      }
    }
    return;
  }
  for (const [key, inValue] of Object.entries(ins)) {
    const outValue = outs[key];
    if (outValue === undefined) {
      continue;
    }
    const walkTogether = isObject(outValue) && isObject(inValue) && !isSecret(outValue) && !isSecret(inValue);
    if (walkTogether) {
      annotateSecrets(outValue, inValue);
    } else if (containsSecrets(inValue)) {
      outs[key] = makeSecret(outValue);
    }
  }
}
