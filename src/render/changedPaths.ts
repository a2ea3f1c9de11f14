import { isRecord } from "../pulumi/inputs";

const most = 5;

/**
 * Paths of the fields in which two values differ, at most five and then an ellipsis; none when they are equal. What is
 * there on one side only is named itself.
 */
export function changedPaths(before: unknown, after: unknown): string[] {
  const found = [...differences(before, after, "")];
  return found.length > most ? [...found.slice(0, most), "…"] : found;
}

function* differences(before: unknown, after: unknown, path: string): Generator<string> {
  if (Object.is(before, after)) {
    return;
  }
  const [old, now] = [childrenOf(before), childrenOf(after)];
  if (old === undefined || now === undefined || Array.isArray(before) !== Array.isArray(after)) {
    yield path === "" ? "." : path;
    return;
  }
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const step = Array.isArray(after) ? `[${key}]` : key.includes(".") ? `["${key}"]` : `.${key}`;
    yield* differences(old.get(key), now.get(key), (path + step).replace(/^\./, ""));
  }
}

function childrenOf(value: unknown): Map<string, unknown> | undefined {
  return Array.isArray(value) || isRecord(value) ? new Map(Object.entries(value)) : undefined;
}
