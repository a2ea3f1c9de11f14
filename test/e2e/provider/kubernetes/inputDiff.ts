import { isObject, type Json, type JsonObject } from "../values";

/** What happened to one property. */
export interface PropertyChange {
  readonly kind: "add" | "delete" | "update";
  /** True when the change forces a replacement of the whole object. */
  readonly replace: boolean;
}

type Path = readonly (string | number)[];

interface Found {
  readonly path: Path;
  readonly kind: PropertyChange["kind"];
  readonly value: Json | undefined;
}

/**
 * Compares the pruned live object with new inputs and names every changed property by its path
 * (`spec.template.spec.containers[0].image`). Lists are compared **by position**.
 * @param forceNew paths of keys joined by dots; a change at, above or below one of them forces a replacement
 */
export function diffInputs(
  oldLivePruned: JsonObject,
  newInputs: JsonObject,
  forceNew: readonly string[],
): Map<string, PropertyChange> {
  const changes = new Map<string, PropertyChange>();
  for (const found of compareObjects([], oldLivePruned, newInputs)) {
    const replace = forceNew.some((path) => touches(found, path.split(".")));
    changes.set(pathText(found.path), { kind: found.kind, replace });
  }
  return changes;
}

/** Drops the changes that `ignoreChanges` covers; `*` in a pattern stands for any one key or index. */
export function withoutIgnored(
  changes: ReadonlyMap<string, PropertyChange>,
  ignoreChanges: readonly string[],
): Map<string, PropertyChange> {
  const ignored = ignoreChanges.map(parsePath);
  const covered = (path: string[]): boolean =>
    ignored.some(
      (prefix) =>
        prefix.length <= path.length &&
        prefix.every((element, index) => element === "*" || element === path[index]),
    );
  return new Map([...changes].filter(([path]) => !covered(parsePath(path))));
}

/** Splits a property path such as `metadata.annotations["a.b/c"]` or `spec.ports[0]` into its elements. */
export function parsePath(path: string): string[] {
  const elements: string[] = [];
  for (const [, quoted, index, key] of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    elements.push(quoted?.replaceAll('\\"', '"') ?? index ?? key ?? "");
  }
  return elements;
}

function compare(path: Path, old: Json | undefined, value: Json | undefined): Found[] {
  if (value === undefined) {
    return [{ path, kind: "delete", value: undefined }];
  }
  if (old === undefined) {
    return [{ path, kind: "add", value }];
  }
  if (isObject(old) && isObject(value)) {
    return compareObjects(path, old, value);
  }
  if (Array.isArray(old) && Array.isArray(value)) {
    return compareLists(path, old, value);
  }
  return old === value ? [] : [{ path, kind: "update", value }];
}

function compareObjects(path: Path, old: JsonObject, value: JsonObject): Found[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(value)]);
  return [...keys].flatMap((key) => compare([...path, key], old[key], value[key]));
}

function compareLists(path: Path, old: Json[], value: Json[]): Found[] {
  const length = Math.max(old.length, value.length);
  return Array.from({ length }, (_, index) => compare([...path, index], old[index], value[index])).flat();
}

/** True when the changed place lies at or below the pattern, or above it with a non-empty new value inside. */
function touches(found: Found, pattern: readonly string[]): boolean {
  const shared = Math.min(found.path.length, pattern.length);
  for (let index = 0; index < shared; index++) {
    if (found.path[index] !== pattern[index]) {
      return false;
    }
  }
  if (found.path.length > pattern.length) {
    return found.value !== "";
  }
  let value = found.value;
  for (const key of pattern.slice(found.path.length)) {
    value = isObject(value) ? value[key] : undefined;
  }
  // A deletion exactly at the pattern replaces; a deletion above it does not name the field any more.
  if (value === undefined) {
    return found.kind === "delete" && found.path.length === pattern.length;
  }
  return value !== "";
}

function pathText(path: Path): string {
  let text = "";
  for (const element of path) {
    if (typeof element === "number") {
      text += `[${element}]`;
    } else if (/[."[\]]/.test(element)) {
      text += `["${element.replaceAll('"', '\\"')}"]`;
    } else {
      text += text === "" ? element : `.${element}`;
    }
  }
  return text;
}
