import { isObject, type Json, type JsonObject } from "../values";

/**
 * Cuts a live object down to the shape of another one: only keys that the shape has survive, at every depth.
 * Lists are cut **by position**, to the length of the shape's list, never by a merge key. Where the kinds of
 * the two values differ, the live value is kept whole.
 */
export function prune(live: JsonObject, shape: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(live)) {
    const target = shape[key];
    if (target === undefined) {
      continue;
    }
    result[key] = pruneValue(value, target);
  }
  return result;
}

function pruneValue(value: Json, target: Json): Json {
  if (isObject(value) && isObject(target)) {
    return prune(value, target);
  }
  if (Array.isArray(value) && Array.isArray(target)) {
    return pruneList(value, target);
  }
  return value;
}

function pruneList(live: Json[], shape: Json[]): Json[] {
  const [firstLive] = live;
  const [firstShape] = shape;
  if (firstLive === undefined || firstShape === undefined) {
    return [];
  }
  if (kindOf(firstLive) !== kindOf(firstShape)) {
    return structuredClone(live);
  }
  return shape.slice(0, live.length).map((target, index) => {
    const value = live[index] ?? null;
    return value === null || target === null ? value : pruneValue(value, target);
  });
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) {
    return "array";
  }
  return value === null ? "null" : typeof value;
}
