import { inspect } from "node:util";
import { isDeferred, textsIn } from "../pulumi/inputs";

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

/** The user and password of an address. */
const userInfo = /(?<=:\/\/)[^\s/'"]*(?=@)/g;

/** The value, which must be no secret, as it is shown in an error: on one line and cut at 80 characters. */
export function shownValue(value: unknown): string {
  const shown = inspect(withoutDeferred(value), { depth: 2, breakLength: Infinity, maxArrayLength: 10 });
  const text = shown.replace(userInfo, "…");
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}

const later = { [inspect.custom]: () => "Output" };

/** What is known only later stands for itself: inside it Node would show its value, which may be a secret. */
function withoutDeferred(value: unknown, depth = 0): unknown {
  if (isDeferred(value)) {
    return later;
  }
  // Deeper levels are not shown.
  if (depth > 2 || typeof value !== "object" || value === null) {
    return value;
  }
  return Array.isArray(value)
    ? value.map((item) => withoutDeferred(item, depth + 1))
    : Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, withoutDeferred(inner, depth + 1)]),
      );
}

/** Shorter ones would make a text unreadable, and tell nothing. */
const shortestHidden = 4;

/** The problem without the texts of secrets. */
export function hidingSecrets(problem: ArgumentProblem, secrets: readonly string[]): ArgumentProblem {
  const hide = (text: string): string =>
    secrets
      .filter((secret) => secret.length >= shortestHidden)
      .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
  const { value, ...rest } = problem;
  if (textsIn(value).some((text) => secrets.includes(text))) {
    // A right form may be made from the value.
    return {
      ...rest,
      reason: hide(problem.reason),
      remedy: "It is a secret, so no right form is shown here.",
    };
  }
  return { ...problem, reason: hide(problem.reason), remedy: hide(problem.remedy) };
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
