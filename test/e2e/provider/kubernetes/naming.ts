import { createHash, randomBytes } from "node:crypto";
import { isUnknown, type JsonObject } from "../values";
import {
  ANNOTATION,
  annotationIsTrue,
  at,
  nameOf,
  setAnnotationTrue,
  setMetadata,
  stringAt,
} from "./objects";

const SUFFIX_DIGITS = 8;

/** A naming choice that the engine makes instead of the provider (`pulumi:autonaming` in the project). */
export interface EngineNaming {
  readonly mode: "propose" | "enforce" | "disable";
  readonly name: string;
}

/** `prefix` and eight hexadecimal digits: always the same ones for the same seed, random ones without a seed. */
export function uniqueName(prefix: string, seed?: Uint8Array): string {
  const bytes =
    seed && seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(SUFFIX_DIGITS);
  return prefix + bytes.toString("hex").slice(0, SUFFIX_DIGITS);
}

/** True when the object has a name, be it one that is not known yet. */
export function isNamed(object: JsonObject): boolean {
  return nameOf(object) !== "" || isUnknown(at(object, "metadata", "name"));
}

/** True when the name was made by the provider. */
export function isAutonamed(object: JsonObject): boolean {
  return annotationIsTrue(object, ANNOTATION.autonamed);
}

/** True when the API server is asked to make the name. */
export function usesGenerateName(object: JsonObject): boolean {
  if (isNamed(object)) {
    return false;
  }
  return (
    stringAt(object, "metadata", "generateName") !== "" || isUnknown(at(object, "metadata", "generateName"))
  );
}

/** Gives an unnamed object a name made of the logical name and a suffix, and marks it as named by the provider. */
export function assignName(
  object: JsonObject,
  logicalName: string,
  seed: Uint8Array,
  engineNaming?: EngineNaming,
): void {
  if (isNamed(object) || usesGenerateName(object) || engineNaming?.mode === "disable") {
    return;
  }
  setMetadata(object, "name", engineNaming ? engineNaming.name : uniqueName(`${logicalName}-`, seed));
  setAnnotationTrue(object, ANNOTATION.autonamed);
}

/** Lets an unnamed object keep the name that the provider gave to its predecessor. */
export function adoptName(object: JsonObject, predecessor: JsonObject): void {
  if (isNamed(object) || !isAutonamed(predecessor)) {
    return;
  }
  setMetadata(object, "name", nameOf(predecessor));
  setAnnotationTrue(object, ANNOTATION.autonamed);
}
