import { isDeferred, isRecord } from "../pulumi/inputs";
import { closest } from "./closest";
import type { ArgumentProblem } from "./problem";

/**
 * Gives the reasons to refuse a value: a wrong type, which programs without type checks can have, and a wrong syntax.
 * What depends on several arguments is checked elsewhere.
 */
export type Shape = (value: unknown, path: string) => ArgumentProblem[];

/** Gives the reason to refuse a value of the right type, or undefined when it is fine. */
export type Check<T> = (value: T) => string | undefined;

/** What to do about a refused value. */
type Remedy<T> = string | ((value: T, path: string) => string);

type Rule<T> = [] | [check: Check<T>, remedy: Remedy<T>];

const typo = "Check the spelling and the type; programs in TypeScript are told by the compiler.";

const unquoted = "Write it in quotes; `pulumi config set` takes it with `--type string`.";

function wrongType(expected: string, value: unknown, path: string): ArgumentProblem[] {
  const where = path === "" ? "(arguments)" : path;
  if (isDeferred(value)) {
    const reason = "it shapes which resources there are, so it must be a plain value";
    return [{ path: where, reason, remedy: "Do not pass an Output.", wrongType: true }];
  }
  // What stands inside may be a secret in the wrong place, so only single values are shown.
  return typeof value === "object" && value !== null
    ? [{ path: where, reason: `it must be ${expected}, not ${kindOf(value)}`, remedy: typo, wrongType: true }]
    : [{ path: where, value, reason: `it must be ${expected}`, remedy: typo, wrongType: true }];
}

function kindOf(value: object): string {
  return Array.isArray(value) ? "a list" : "an object";
}

function refused<T>([check, remedy]: Rule<T>, value: T, path: string): ArgumentProblem[] {
  const reason = check?.(value);
  if (reason === undefined || remedy === undefined) {
    return [];
  }
  return [{ path, value, reason, remedy: typeof remedy === "string" ? remedy : remedy(value, path) }];
}

/** A string. What looks like a number or a truth value becomes one in YAML and in Pulumi's configuration. */
export function text(...rule: Rule<string>): Shape {
  return (value, path) => {
    if (typeof value === "string") {
      return refused(rule, value, path);
    }
    const problems = wrongType("a string", value, path);
    return typeof value === "number" || typeof value === "boolean"
      ? problems.map((problem) => ({ ...problem, remedy: unquoted }))
      : problems;
  };
}

/** A number. */
export function number(...rule: Rule<number>): Shape {
  return (value, path) =>
    typeof value === "number" && Number.isFinite(value)
      ? refused(rule, value, path)
      : wrongType("a number, without quotes", value, path);
}

/** A boolean. */
export const flag: Shape = (value, path) =>
  typeof value === "boolean" ? [] : wrongType("true or false, without quotes", value, path);

/** An object of Kubernetes itself, whose fields the API server checks. */
export const kubernetesObject: Shape = (value, path) =>
  isRecord(value) ? [] : wrongType("an object", value, path);

function withoutValue(problem: ArgumentProblem): ArgumentProblem {
  const shown = { ...problem };
  delete shown.value;
  return shown;
}

/** A string that is never shown. */
export function secretText(...rule: Rule<string>): Shape {
  return (value, path) => text(...rule)(value, path).map(withoutValue);
}

/** A value that may be a secret when its type is wrong: then nothing of it is shown. */
export function unshown(shape: Shape): Shape {
  return (value, path) =>
    shape(value, path).map((problem) => (problem.wrongType ? withoutValue(problem) : problem));
}

/** A value that may be known only later; then it is checked when it is known. */
export function input(shape: Shape): Shape {
  return (value, path) => (isDeferred(value) ? [] : shape(value, path));
}

/** A value that must be plain for a reason of its own. */
export function plain(shape: Shape, reason: string, remedy: string): Shape {
  return (value, path) =>
    isDeferred(value) ? [{ path, reason, remedy, wrongType: true }] : shape(value, path);
}

/** A list. */
export function list(entry: Shape): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((one: unknown, index) => entry(one, `${path}[${index}]`))
      : wrongType("a list", value, path);
}

/** Where the entry of a map stands. */
export function entryPath(path: string, key: string): string {
  return `${path}[${JSON.stringify(key)}]`;
}

/** A map from names to values; the key is looked at where its entry stands. */
export function map(entry: Shape, key: Shape = text()): Shape {
  return (value, path) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([name, one]) => {
          const at = entryPath(path, name);
          return [...key(name, at), ...entry(one, at)];
        })
      : wrongType("a map", value, path);
}

/** A value with a further check, which sees it only when its type is right. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it is what the shape lets through
export function checked<T>(shape: Shape, check: (value: T, path: string) => ArgumentProblem[]): Shape {
  return (value, path) => {
    const problems = shape(value, path);
    // The shape has just found it to be of this type.
    return wrongTypes(problems).length > 0 ? problems : [...problems, ...check(value as T, path)];
  };
}

/** A list or a map that has entries. */
export function filled(shape: Shape, reason: string, remedy: string): Shape {
  return checked<object>(shape, (value, path) =>
    Object.keys(value).length === 0 ? [{ path, value, reason, remedy }] : [],
  );
}

/** The problems that leave nothing for checks of several arguments to look at. */
export function wrongTypes(problems: readonly ArgumentProblem[]): ArgumentProblem[] {
  return problems.filter((problem) => problem.wrongType);
}

/** One of several words. */
export function oneOf(words: Readonly<Record<string, string>>): Shape {
  const allowed = Object.values(words);
  const expected = `one of ${allowed.map((word) => `"${word}"`).join(", ")}`;
  return (value, path) =>
    typeof value === "string" && allowed.includes(value) ? [] : wrongType(expected, value, path);
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

/** An object of known fields; any other field is refused with the name that was probably meant. */
export function object<T>({ fields, required = [], refused = {} }: ObjectShape<T>): Shape {
  const shapes = new Map<string, Shape>(Object.entries(fields));
  return (value, path) => {
    if (!isRecord(value)) {
      return wrongType("an object", value, path);
    }
    const place = (name: string): string => (path === "" ? name : `${path}.${name}`);
    const missing = required
      .filter((name) => value[name] === undefined)
      .map((name) => fieldProblem(place(name), "it is missing", "It has no default; give it."));
    const present = Object.entries(value).filter(([, entry]) => entry !== undefined);
    const wrong = present.flatMap(
      ([name, entry]) =>
        shapes.get(name)?.(entry, place(name)) ??
        unknownField(name, place(name), refused, [...shapes.keys()]),
    );
    return [...missing, ...wrong];
  };
}

function fieldProblem(path: string, reason: string, remedy: string): ArgumentProblem {
  return { path, reason, remedy, wrongType: true };
}

function unknownField(
  name: string,
  path: string,
  refused: Readonly<Record<string, string>>,
  known: readonly string[],
): ArgumentProblem[] {
  const reason = refused[name];
  if (reason !== undefined) {
    return [fieldProblem(path, reason, "Remove it.")];
  }
  const meant = closest(name, known);
  const remedy =
    meant === undefined ? `Known are: ${[...known].sort().join(", ")}.` : `Did you mean ${meant}?`;
  return [fieldProblem(path, "there is no such argument", remedy)];
}
