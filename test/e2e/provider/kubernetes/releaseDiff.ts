import { isObject, plain, type Json, type JsonObject } from "../values";
import type { ResourceDiff } from "./diff";
import { diffInputs } from "./inputDiff";
import { parseReleaseState } from "./releaseState";

/**
 * Compares new inputs of a release with its last stored fields. What is neither in the old nor in the new inputs does
 * not count, and nothing is asked of the cluster. Another name or namespace is another release.
 */
export function diffRelease(
  state: JsonObject,
  news: JsonObject,
  ignoreChanges: readonly string[],
): ResourceDiff {
  const { inputs, fields } = parseReleaseState(state);
  const newInputs = plain(news);
  // The engine sees to the others; the version is the provider's own finding.
  if (ignoreChanges.includes("version") && fields.version !== undefined) {
    newInputs.version = fields.version;
  }
  const before = cutToInputs(fields, plain(inputs ?? {}), newInputs);
  const changes = diffInputs(before, newInputs, ["name", "namespace"]);
  const replaces = [...changes].filter(([, change]) => change.replace).map(([path]) => path);
  return { changes, replaces, deleteBeforeReplace: false };
}

function cutToInputs(fields: JsonObject, oldInputs: JsonObject, newInputs: JsonObject): JsonObject {
  const cut: JsonObject = {};
  for (const key of new Set([...Object.keys(oldInputs), ...Object.keys(newInputs)])) {
    const [value, old, next] = [fields[key], oldInputs[key], newInputs[key]];
    if (value === undefined) {
      continue;
    }
    cut[key] = isObject(value) && isObject(next) ? cutToInputs(value, objectOf(old), next) : value;
  }
  return cut;
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
