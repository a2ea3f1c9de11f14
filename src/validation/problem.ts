import { inspect } from "node:util";

/** One reason to refuse the arguments. */
export interface ArgumentProblem {
  /** Where the value stands, from the component's arguments on, for example `targets[0].paths[1]`. */
  path: string;
  /** The value given; left out when it is missing or must not be shown. */
  value?: unknown;
  /** Why it is refused. */
  reason: string;
  /** What to do. */
  remedy: string;
  /** Set when the value is not of the declared type: then no other check can look at it. */
  wrongType?: true;
}

const longestValue = 80;

/** The value, which must be no secret, as it is shown in an error: on one line and cut at 80 characters. */
export function shownValue(value: unknown): string {
  const text = inspect(value, { depth: 2, breakLength: Infinity, maxArrayLength: 10 });
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}

/** The problem in words: path, value, reason and remedy on two lines. */
export function describeProblem(problem: ArgumentProblem): string {
  const given = "value" in problem && problem.value !== undefined ? ` = ${shownValue(problem.value)}` : "";
  return `${problem.path}${given}: ${problem.reason}\n    ${problem.remedy}`;
}

/** All problems as one message, so that a user sees everything at the first try. */
export function describeProblems(subject: string, problems: readonly ArgumentProblem[]): string {
  const count = problems.length === 1 ? "1 argument is" : `${problems.length} arguments are`;
  const lines = problems.map((problem) => `  - ${describeProblem(problem)}`);
  return `${subject}: ${count} refused, nothing was changed.\n${lines.join("\n")}`;
}
