import { distance } from "fastest-levenshtein";
import { isDeferred, isRecord } from "../pulumi/inputs";
import type { ArgumentProblem } from "./problem";

/** Gives the reasons why a value does not have a declared type, for programs without type checks. */
export type Shape = (value: unknown, path: string) => ArgumentProblem[];

const typo = "Check the spelling and the type; programs in TypeScript are told by the compiler.";

const unquoted = "Write it in quotes; `pulumi config set` takes it with `--type string`.";

function wrongType(expected: string): (value: unknown, path: string) => ArgumentProblem[] {
  return (value, path) => {
    const where = path === "" ? "(arguments)" : path;
    if (isDeferred(value)) {
      return [
        {
          path: where,
          reason: "it shapes which resources there are, so it must be a plain value",
          remedy: "Do not pass an Output.",
        },
      ];
    }
    // What stands inside may be a secret in the wrong place, so only single values are shown.
    return typeof value === "object" && value !== null
      ? [{ path: where, reason: `it must be ${expected}, not ${kindOf(value)}`, remedy: typo }]
      : [{ path: where, value, reason: `it must be ${expected}`, remedy: typo }];
  };
}

function kindOf(value: object): string {
  return Array.isArray(value) ? "a list" : "an object";
}

/** A string. What looks like a number or a truth value becomes one in YAML and in Pulumi's configuration. */
export const text: Shape = (value, path) => {
  if (typeof value === "string") {
    return [];
  }
  const problems = wrongType("a string")(value, path);
  return typeof value === "number" || typeof value === "boolean"
    ? problems.map((problem) => ({ ...problem, remedy: unquoted }))
    : problems;
};

/** A boolean. */
export const flag: Shape = (value, path) =>
  typeof value === "boolean" ? [] : wrongType("true or false, without quotes")(value, path);

/** A number. */
export const number: Shape = (value, path) =>
  typeof value === "number" && Number.isFinite(value)
    ? []
    : wrongType("a number, without quotes")(value, path);

/** An object of Kubernetes itself, whose fields the API server checks. */
export const kubernetesObject: Shape = (value, path) =>
  isRecord(value) ? [] : wrongType("an object")(value, path);

/**
 * A value that may be a secret, also when its type is wrong: no problem shows it or anything inside.
 *
 * @param shape - Shape of the value.
 */
export function unshown(shape: Shape): Shape {
  return (value, path) =>
    shape(value, path).map(({ path: at, reason, remedy }) => ({ path: at, reason, remedy }));
}

/** A string that must not be shown. */
export const secretText: Shape = unshown(text);

/**
 * A value that may be known only later; then it is checked when it is known.
 *
 * @param shape - Shape of the value.
 */
export function input(shape: Shape): Shape {
  return (value, path) => (isDeferred(value) ? [] : shape(value, path));
}

/**
 * A value that must be plain for a reason of its own.
 *
 * @param shape - Shape of the value.
 * @param reason - Why it cannot be known only later.
 * @param remedy - What to do in place of an Output.
 */
export function plain(shape: Shape, reason: string, remedy: string): Shape {
  return (value, path) => (isDeferred(value) ? [{ path, reason, remedy }] : shape(value, path));
}

/**
 * A list.
 *
 * @param shape - Shape of its entries.
 */
export function list(shape: Shape): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((entry: unknown, index) => shape(entry, `${path}[${index}]`))
      : wrongType("a list")(value, path);
}

/**
 * A map from names to values.
 *
 * @param shape - Shape of its values.
 */
export function map(shape: Shape): Shape {
  return (value, path) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([key, entry]) => shape(entry, `${path}["${key}"]`))
      : wrongType("a map")(value, path);
}

/**
 * One of several words.
 *
 * @param words - The words.
 */
export function oneOf(words: Readonly<Record<string, string>>): Shape {
  const allowed = Object.values(words);
  return (value, path) =>
    typeof value === "string" && allowed.includes(value)
      ? []
      : wrongType(`one of ${allowed.map((word) => `"${word}"`).join(", ")}`)(value, path);
}

/** Fields of an object. */
export interface ObjectShape<T> {
  /** Shape of each field. */
  fields: Record<keyof T, Shape>;
  /** Fields that must be there. */
  required?: readonly (keyof T & string)[];
  /** Fields that users know from elsewhere, with the reason why they cannot work here. */
  refused?: Readonly<Record<string, string>>;
}

/**
 * An object of known fields; any other field is refused with the name that was probably meant.
 *
 * @param shape - Its fields.
 */
export function object<T>({ fields, required = [], refused = {} }: ObjectShape<T>): Shape {
  const shapes = new Map<string, Shape>(Object.entries(fields));
  return (value, path) => {
    if (!isRecord(value)) {
      return wrongType("an object")(value, path);
    }
    const place = (name: string): string => (path === "" ? name : `${path}.${name}`);
    const missing = required
      .filter((name) => value[name] === undefined)
      .map((name) => ({ path: place(name), reason: "it is missing", remedy: "It has no default; give it." }));
    const present = Object.entries(value).filter(([, entry]) => entry !== undefined);
    const wrong = present.flatMap(
      ([name, entry]) =>
        shapes.get(name)?.(entry, place(name)) ??
        unknownField(name, place(name), refused, [...shapes.keys()]),
    );
    return [...missing, ...wrong];
  };
}

function unknownField(
  name: string,
  path: string,
  refused: Readonly<Record<string, string>>,
  known: readonly string[],
): ArgumentProblem[] {
  const reason = refused[name];
  if (reason !== undefined) {
    return [{ path, reason, remedy: "Remove it." }];
  }
  const meant = closest(name, known);
  const remedy =
    meant === undefined ? `Known are: ${[...known].sort().join(", ")}.` : `Did you mean ${meant}?`;
  return [{ path, reason: "there is no such argument", remedy }];
}

/**
 * The known word that a word was probably meant to be, if any is near.
 *
 * @param word - The word given.
 * @param known - The known words.
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(2, Math.floor(candidate.length / 4)))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}
