import { isDeferred, isRecord } from "../pulumi/inputs";
import { closest } from "./closest";
import { correction } from "./correction";
import { define, like } from "./defineShape";
import { unknownField } from "./fields";
import type { RefusedFields } from "./fields";
import { advice, alone, entriesIn, formOf, isSingle, listForm, numberIn, objectForm, truthIn } from "./form";
import type { Form } from "./form";
import type { Shape, ShapeProblem } from "./shapeType";

export { like } from "./defineShape";
export type { Shape } from "./shapeType";

/** Gives the reason to refuse a value of the right type, or undefined when it is fine. */
export type Check<T> = (value: T) => string | undefined;

/** What to do about a refused value. */
type Remedy<T> = string | ((value: T, path: string) => string);

/** What is refused of the right type, what to do about it, and a value that is fine. */
type Rule<T> = [] | [check: Check<T>, remedy: Remedy<T>, example?: T];

function refused<T>([check, remedy]: Rule<T>, value: T, path: string): ShapeProblem[] {
  const reason = check?.(value);
  if (reason === undefined || remedy === undefined) {
    return [];
  }
  return [{ path, value, reason, remedy: typeof remedy === "string" ? remedy : remedy(value, path) }];
}

/** A string. What looks like a number or a truth value becomes one in YAML and in Pulumi's configuration. */
export function text(...rule: Rule<string>): Shape {
  return define({
    expected: "a string",
    is: (value) => typeof value === "string",
    check: (value, path) => refused(rule, value, path),
    forms: (given) => {
      const one = alone(given);
      return [formOf(isSingle(one) ? String(one) : (rule[2] ?? "…"))];
    },
  });
}

/** A number. */
export function number(...rule: Rule<number>): Shape {
  return define({
    expected: "a number, without quotes",
    is: (value): value is number => typeof value === "number" && Number.isFinite(value),
    check: (value, path) => refused(rule, value, path),
    forms: (given) => {
      const one = alone(given);
      return [formOf((isSingle(one) ? numberIn(String(one)) : undefined) ?? rule[2] ?? 1)];
    },
  });
}

/** A boolean. */
export const flag: Shape = define({
  expected: "true or false, without quotes",
  is: (value) => typeof value === "boolean",
  check: () => [],
  forms: (given) => {
    const one = alone(given);
    const meant = isSingle(one) ? truthIn(String(one)) : undefined;
    return meant === undefined ? [formOf(true), formOf(false)] : [formOf(meant)];
  },
});

function withoutValue(problem: ShapeProblem): ShapeProblem {
  const { path, reason, remedy, general, followed, wrongType: type } = problem;
  return { path, reason, remedy: general ?? remedy, ...(type && { followed, wrongType: type }) };
}

/** A string that is never shown. */
export function secretText(...rule: Rule<string>): Shape {
  const shape = text(...rule);
  const hidden = (value: unknown, path: string): ShapeProblem[] => shape(value, path).map(withoutValue);
  return Object.assign(hidden, { forms: () => shape.forms?.() ?? [], hidden: true as const });
}

/** A value that may be a secret when its type is wrong: then nothing of it is shown. */
export function unshown(shape: Shape): Shape {
  const hidden = (value: unknown, path: string): ShapeProblem[] =>
    shape(value, path).map((problem) => (problem.wrongType ? withoutValue(problem) : problem));
  const { fields } = shape;
  return Object.assign(hidden, { forms: () => shape.forms?.() ?? [], fields, hidden: true as const });
}

/** A value that may be known only later; then it is checked when it is known. */
export function input(shape: Shape): Shape {
  return like(shape, (value, path) => (isDeferred(value) ? [] : shape(value, path)));
}

/** A value that must be plain for a reason of its own. */
export function plain(shape: Shape, reason: string, remedy: string): Shape {
  return like(shape, (value, path) =>
    isDeferred(value) ? [{ path, reason, remedy, wrongType: true }] : shape(value, path),
  );
}

/** A list. */
export function list(entry: Shape): Shape {
  return define<unknown[]>({
    expected: "a list",
    is: (value) => Array.isArray(value),
    check: (value, path) => value.flatMap((one, index) => entry(one, `${path}[${index}]`)),
    forms: (given) => (entry.forms?.(isSingle(given) ? given : undefined) ?? []).map(listForm),
    fields: entry.fields && { ...entry.fields, inList: true },
  });
}

/** Where the entry of a map stands. */
export function entryPath(path: string, key: string): string {
  return `${path}[${JSON.stringify(key)}]`;
}

/** A map from names to values; the key is looked at where its entry stands, and the value given is shown there. */
export function map(entry: Shape, key: Shape = text(), example = "team"): Shape {
  return define({
    expected: "a map",
    is: isRecord,
    check: (value, path) =>
      Object.entries(value).flatMap(([name, one]) => {
        const at = entryPath(path, name);
        const given = isSingle(one) && entry.hidden !== true ? one : undefined;
        return [...key(name, at).map((problem) => ({ ...problem, value: given })), ...entry(one, at)];
      }),
    forms: (given) => {
      const entries = entriesIn(given);
      return entries === undefined
        ? (entry.forms?.() ?? []).map((form) => objectForm([[example, form]]))
        : [formOf(Object.fromEntries(entries))];
    },
  });
}

/** A value with a further check, which sees it only when its type is right. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it is what the shape lets through
export function checked<T>(
  shape: Shape,
  check: (value: T, path: string) => ShapeProblem[],
  read?: (given: unknown) => readonly unknown[],
): Shape {
  const refusals = (value: unknown, path: string): ShapeProblem[] => {
    const problems = shape(value, path);
    // The shape has just found it to be of this type.
    return wrongTypes(problems).length > 0 ? problems : [...problems, ...check(value as T, path)];
  };
  return like(shape, refusals, read);
}

/** A list or a map that has entries. */
export function filled(shape: Shape, reason: string, remedy: string): Shape {
  return checked<object>(shape, (value, path) =>
    Object.keys(value).length === 0 ? [{ path, value, reason, remedy }] : [],
  );
}

/** The problems that leave nothing for checks of several arguments to look at. */
export function wrongTypes(problems: readonly ShapeProblem[]): ShapeProblem[] {
  return problems.filter((problem) => problem.wrongType);
}

/**
 * One of the words of an enum.
 *
 * @param named - The enum under its name, as programs write it.
 */
export function oneOf(named: Readonly<Record<string, Readonly<Record<string, string>>>>): Shape {
  const members = Object.entries(named).flatMap(([name, words]) =>
    Object.entries(words).map(([member, value]): Form => ({ value, code: `${name}.${member}` })),
  );
  const words = members.map(({ value }) => value as string);
  return define({
    expected: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
    is: (value): value is string => typeof value === "string" && words.includes(value),
    check: () => [],
    forms: (given) => {
      const one = alone(given);
      const meant = typeof one === "string" ? closest(one, words) : undefined;
      return members.filter(({ value }) => meant === undefined || value === meant);
    },
  });
}

/** Fields of an object. */
export interface ObjectShape<T> {
  /** Shape of each field; a single value in place of the object is taken for the first that it fits. */
  fields: Record<keyof T, Shape>;
  /** Fields that must be there. */
  required?: readonly (keyof T & string)[];
  /** Fields that users know from elsewhere, with the reason why they cannot work here. */
  refused?: RefusedFields;
  /** Names that users know from elsewhere, with the field that they mean. */
  otherNames?: Readonly<Record<string, keyof T & string>>;
  /** Fields of an example; those that must be there unless given. */
  example?: readonly (keyof T & string)[];
  /** Whether it may have fields that are not known here; then they are refused only when they look misspelt. */
  open?: boolean;
  /** Reads a text in place of the object. */
  read?: (text: string) => Partial<T> | undefined;
}

/** An object of known fields; any other field is refused with the name or the place that was probably meant. */
export function object<T>(description: ObjectShape<T>): Shape {
  const { required = [], refused: refusedFields = {}, otherNames = {}, open = false } = description;
  const shapes = new Map<string, Shape>(Object.entries(description.fields));
  const fields = { shapes, inList: false, open };
  const given = { refused: refusedFields, otherNames, known: [...shapes.keys()], required, open };
  return define({
    expected: "an object",
    is: isRecord,
    check: (value, path) => {
      const place = (name: string): string => (path === "" ? name : `${path}.${name}`);
      const missing = required
        .filter((name) => value[name] === undefined)
        .map((name) => missingField(place(name), shapes.get(name)));
      // Kubernetes takes null for a field that is left out.
      const present = Object.entries(value).filter(
        ([, entry]) => (open ? (entry ?? undefined) : entry) !== undefined,
      );
      const wrong = present.flatMap(([name, entry]) => {
        const isLeftOut = entry === null && !required.some((one) => one === name);
        const problems =
          shapes
            .get(name)?.(entry, place(name))
            .map((one) => (isLeftOut ? leftOut(one) : one)) ??
          unknownField(name, place, { ...given, holder: value });
        return problems.map((problem) => problem.placeIn?.(path, fields) ?? problem);
      });
      return [...missing, ...wrong];
    },
    forms: (given) => objectForms(description, shapes, given),
    fields,
  });
}

/** The refusal of null in place of an argument that may be left out. */
function leftOut(problem: ShapeProblem): ShapeProblem {
  const remedy = "Leave it out.";
  return { ...problem, remedy, general: remedy, followed: [correction(problem.path, undefined)] };
}

function missingField(path: string, shape: Shape | undefined): ShapeProblem {
  const { remedy } = advice(path, undefined, shape?.forms ?? (() => []));
  return { path, reason: "it is missing, and has no default", remedy, wrongType: true };
}

function objectForms<T>(
  { required = [], example = required, read }: ObjectShape<T>,
  shapes: ReadonlyMap<string, Shape>,
  given: unknown,
): Form[] {
  const one = alone(given);
  const whole = typeof one === "string" ? read?.(one) : undefined;
  if (whole !== undefined) {
    return [formOf(whole)];
  }
  const taking = [...shapes].find(
    ([, shape], index) =>
      // What is only on or off says so in its first field.
      isSingle(one) &&
      (typeof one !== "boolean" || index === 0) &&
      shape.forms !== undefined &&
      shape(one, "").length === 0,
  );
  if (taking !== undefined) {
    const [name, shape] = taking;
    const [form = formOf(one)] = shape.forms?.(one) ?? [];
    return [objectForm([[name, form]])];
  }
  const names = example.length > 0 || one === true ? example : [...shapes.keys()].slice(0, 1);
  return [objectForm(names.map((name) => [name, shapes.get(name)?.forms?.()[0] ?? formOf("…")]))];
}
