import { isDeferred, isRecord } from "../pulumi/inputs";
import { correction } from "./correction";
import { advice, formOf, readFrom } from "./form";
import type { Form, Forms } from "./form";
import type { KnownFields, Shape, ShapeProblem } from "./shapeType";

/** What makes a shape. */
interface Definition<T> {
  expected: string;
  is: (value: unknown) => value is T;
  check: (value: T, path: string) => ShapeProblem[];
  forms: Forms;
  fields?: KnownFields;
}

/** A shape whose refusals of a wrong type show the right forms. */
export function define<T>({ expected, is, check, forms, fields }: Definition<T>): Shape {
  const right = fitting(forms, (value) => is(value) && check(value, "").length === 0);
  const shape = (value: unknown, path: string): ShapeProblem[] =>
    is(value) ? check(value, path) : wrongType(expected, value, path, right);
  return Object.assign(shape, { forms: right, fields });
}

/** Those of the forms that fit; where nothing of what was given does, those of any right value. */
function fitting(forms: Forms, fits: (value: unknown) => boolean): Forms {
  return (given) => {
    const fine = forms(given).filter(({ value }) => fits(value));
    return fine.length > 0 || given === undefined ? fine : forms().filter(({ value }) => fits(value));
  };
}

/**
 * A shape that refuses more or less than another one.
 *
 * @param read - Reads a value of a wrong type, as far as this shape can; all that may be meant by it.
 */
export function like(
  shape: Shape,
  refusals: (value: unknown, path: string) => ShapeProblem[],
  read: (given: unknown) => readonly unknown[] = () => [],
): Shape {
  const { forms: inner, fields, hidden } = shape;
  const own = (given: unknown): Form[] => read(given).map(formOf);
  const forms =
    inner &&
    fitting(
      (given) => (own(given).length > 0 ? own(given) : inner(given)),
      (value) => refusals(value, "").length === 0,
    );
  const checked = (value: unknown, path: string): ShapeProblem[] =>
    refusals(value, path).map((problem) =>
      forms !== undefined && problem.general !== undefined && problem.path === path
        ? { ...problem, ...advised(path, value, forms) }
        : problem,
    );
  return Object.assign(checked, { forms, fields, hidden });
}

function wrongType(expected: string, value: unknown, path: string, forms: Forms): ShapeProblem[] {
  const where = path === "" ? "(arguments)" : path;
  if (isDeferred(value)) {
    const reason = "it shapes which resources there are, so it must be a plain value";
    return [{ path: where, reason, remedy: "Do not pass an Output.", wrongType: true }];
  }
  const right = advised(path, value, forms);
  const kind = unshownKind(value, forms(value));
  return kind === undefined
    ? [{ path: where, value, reason: `it must be ${expected}`, ...right, wrongType: true }]
    : [
        {
          path: where,
          reason: `it must be ${expected.replace(", without quotes", "")}, not ${kind}`,
          ...right,
          wrongType: true,
        },
      ];
}

/** The advice, and what follows from it. */
function advised(
  path: string,
  value: unknown,
  forms: Forms,
): Pick<ShapeProblem, "remedy" | "general" | "followed"> {
  const followed = readFrom(value, forms).map((form) => correction(path, form.value));
  return { ...advice(path, value, forms), followed };
}

/** What is said in place of a value in which a secret may stand: a list, an object, or a text in place of one. */
function unshownKind(value: unknown, [right]: readonly Form[]): string | undefined {
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "a list" : "an object";
  }
  return typeof value === "string" && isRecord(right?.value)
    ? `a string of ${value.length} character${value.length === 1 ? "" : "s"}`
    : undefined;
}
