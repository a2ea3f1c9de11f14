import { isRecord } from "../pulumi/inputs";

/** An object as the API server lists it. Its fields are checked where they are read, not trusted. */
export type LiveObject = Readonly<Record<string, unknown>>;

/**
 * The value at a path of field names.
 *
 * @returns undefined when a part of the path is missing.
 */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

/** The text at a path. */
export function textAt(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The number at a path, or undefined. */
export function numberAt(value: unknown, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The list at a path; empty when there is none. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found: unknown = at(value, ...path);
  return Array.isArray(found) ? [...(found as unknown[])] : [];
}

/** The texts of the list at a path. */
export function textsAt(value: unknown, ...path: string[]): string[] {
  return listAt(value, ...path).filter((item): item is string => typeof item === "string");
}

/** The map of texts at a path; empty when there is none. */
export function textMapAt(value: unknown, ...path: string[]): Record<string, string> {
  const found = at(value, ...path);
  return Object.fromEntries(
    Object.entries(isRecord(found) ? found : {}).flatMap(([key, value]): [string, string][] =>
      // A manifest has `true` where the quotes around "true" were forgotten.
      ["string", "number", "boolean"].includes(typeof value) ? [[key, String(value)]] : [],
    ),
  );
}

/** Name of an object. */
export function nameOf(object: LiveObject): string {
  return textAt(object, "metadata", "name") ?? "";
}

/** Namespace of an object; empty for one outside of namespaces. */
export function namespaceOf(object: LiveObject): string {
  return textAt(object, "metadata", "namespace") ?? "";
}

/** `<namespace>/<name>` of an object. */
export function idOf(object: LiveObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}

/** Labels of an object. */
export function labelsOf(object: LiveObject): Record<string, string> {
  return textMapAt(object, "metadata", "labels");
}

/** Annotations of an object. */
export function annotationsOf(object: LiveObject): Record<string, string> {
  return textMapAt(object, "metadata", "annotations");
}

/** Whether labels fulfil a selector. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.keys(wanted).every((key) => labels[key] === wanted[key]);
}

/** Names of the containers that stay in a pod: all but the init containers that are no native sidecars. */
export function containerNames(podSpec: unknown): string[] {
  const sidecars = listAt(podSpec, "initContainers").filter(
    (container) => textAt(container, "restartPolicy") === "Always",
  );
  return [...listAt(podSpec, "containers"), ...sidecars].flatMap(
    (container) => textAt(container, "name") ?? [],
  );
}

/** Whether labels fulfil a Kubernetes label selector, with `matchLabels` and `matchExpressions`. */
export function selectorMatches(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return (
    hasLabels(labels, textMapAt(selector, "matchLabels")) &&
    listAt(selector, "matchExpressions").every((expression) => expressionHolds(expression, labels))
  );
}

function expressionHolds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, "key") ?? ""];
  const values = listAt(expression, "values");
  switch (textAt(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return true;
  }
}
