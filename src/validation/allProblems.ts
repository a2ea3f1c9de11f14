import type { ArgumentProblem } from "./problem";
import { wrongTypes } from "./shape";
import type { ShapeProblem } from "./shapeType";

/** What arguments of the right types can mean is tried out up to here. */
const mostMeanings = 32;

/**
 * Everything that is wrong with arguments: what their shape refuses, and what does not go together. Where a type is wrong,
 * the latter is what would be refused next, whatever of the right forms is meant.
 *
 * @param args - From a program without type checks they may be anything.
 * @param shape - Checks each for itself.
 * @param combined - Checks them together; it sees only arguments of the right types.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it is what the shape lets through
export function allProblems<T>(
  args: unknown,
  shape: (args: unknown) => ShapeProblem[],
  combined: (args: T) => ArgumentProblem[],
): ArgumentProblem[] {
  const wrong = shape(args);
  const types = wrongTypes(wrong);
  const next = meaningsOf(args, types).map((one) => {
    const left = shape(one);
    // The shape has just found nothing of another type.
    return wrongTypes(left).length > 0 ? [] : [...left, ...combined(one as T)];
  });
  const [first = [], ...others] = next;
  return [
    ...wrong,
    ...first.filter(
      (problem) => !includes(wrong, problem) && others.every((list) => includes(list, problem)),
    ),
  ];
}

/** The arguments in all right forms that may be meant; none where that is not known. */
function meaningsOf(args: unknown, types: readonly ShapeProblem[]): unknown[] {
  return types.reduce<unknown[]>(
    (all, { followed = [] }) =>
      all.length * followed.length > mostMeanings
        ? []
        : all.flatMap((one) => followed.map(({ apply }) => apply(one))),
    [args],
  );
}

function includes(problems: readonly ArgumentProblem[], { path, reason }: ArgumentProblem): boolean {
  return problems.some((one) => one.path === path && one.reason === reason);
}
