import { isObject, type Json, type JsonObject } from "../values";
import { storedFieldManager } from "./checkpoint";
import { uniqueName } from "./naming";
import { ANNOTATION, annotation, annotationIsTrue, at, stringAt } from "./objects";

/** The manager under which the provider creates objects, and under which it worked before server-side apply. */
export const CREATE_MANAGER = "pulumi-kubernetes";

/** Managers whose fields the provider takes over on its first apply; prefixes, as in the real provider. */
const ADOPTED: readonly (readonly [prefix: string, operation: string])[] = [
  ["kubectl", "Apply"],
  ["kubectl", "Update"],
  ["before-first-apply", "Update"],
  ["pulumi-kubernetes", "Update"],
  ["pulumi-resource-kubernetes", "Update"],
];
const OWN_OLD_MANAGERS: ReadonlySet<string> = new Set([
  "pulumi-kubernetes",
  "pulumi-kubernetes.exe",
  "pulumi-resource-kubernetes",
]);

/** Name of the field manager: the annotation, else what the state remembers, else a new random one. */
export function fieldManagerName(state: JsonObject, inputs: JsonObject): string {
  return (
    annotation(inputs, ANNOTATION.patchFieldManager) ||
    storedFieldManager(state) ||
    uniqueName(`${CREATE_MANAGER}-`)
  );
}

/**
 * Whether an apply overrides conflicts: when the annotation or the provider says so, and in a preview also when
 * there is nothing to conflict with yet or the live fields are still under a manager that the update will adopt.
 */
export function forcesConflicts(
  inputs: JsonObject,
  live: JsonObject | undefined,
  preview: boolean,
  providerForces: boolean,
): boolean {
  if (annotationIsTrue(inputs, ANNOTATION.patchForce) || providerForces) {
    return true;
  }
  if (!preview) {
    return false;
  }
  if (!live) {
    return true;
  }
  return managedFields(live).some(
    (entry) => stringAt(entry, "operation") === "Update" && OWN_OLD_MANAGERS.has(stringAt(entry, "manager")),
  );
}

/**
 * The JSON patch that hands the fields of earlier client-side writers to `manager`, so that the first apply meets
 * no conflict; empty when there is nothing to hand over.
 */
export function adoptionPatch(live: JsonObject, manager: string): JsonObject[] {
  const entries = managedFields(live);
  let own = entries.find((entry) => stringAt(entry, "manager") === manager && isApply(entry));
  let adoptedAny = false;
  const others: JsonObject[] = [];
  for (const entry of entries) {
    if (entry === own) {
      continue;
    }
    if (!isAdopted(entry)) {
      others.push(entry);
      continue;
    }
    adoptedAny = true;
    own = own
      ? { ...own, fieldsV1: mergeFields(own.fieldsV1, entry.fieldsV1) }
      : { ...entry, manager, operation: "Apply" };
  }
  if (!adoptedAny || !own) {
    return [];
  }
  return [{ op: "replace", path: "/metadata/managedFields", value: [...others, own] }];
}

/** True when some manager that passes the filter owns the field at a path of keys, or anything below it. */
export function ownsField(
  live: JsonObject,
  path: readonly string[],
  filter: (manager: string) => boolean,
): boolean {
  return managedFields(live).some((entry) => {
    const fields = path.map((key) => `f:${key}`);
    return filter(stringAt(entry, "manager")) && at(entry.fieldsV1, ...fields) !== undefined;
  });
}

function managedFields(live: JsonObject): JsonObject[] {
  const entries = at(live, "metadata", "managedFields");
  return Array.isArray(entries) ? entries.filter((entry) => isObject(entry)) : [];
}

function isApply(entry: JsonObject): boolean {
  return stringAt(entry, "operation") === "Apply";
}

function isAdopted(entry: JsonObject): boolean {
  if (stringAt(entry, "subresource") !== "") {
    return false;
  }
  return ADOPTED.some(
    ([prefix, operation]) =>
      stringAt(entry, "manager").startsWith(prefix) && stringAt(entry, "operation") === operation,
  );
}

function mergeFields(first: Json | undefined, second: Json | undefined): Json {
  if (!isObject(first)) {
    return second ?? {};
  }
  if (!isObject(second)) {
    return first;
  }
  const result: JsonObject = { ...first };
  for (const [key, value] of Object.entries(second)) {
    result[key] = key in result ? mergeFields(result[key], value) : value;
  }
  return result;
}
