import type { ArgumentProblem } from "./problem";

/**
 * How programs in other languages write the path of a problem: SDKs change the case of names. The language of the
 * program is not known to a component.
 *
 * @returns nothing when all write the paths alike.
 */
export function otherSpellings(problems: readonly ArgumentProblem[]): string {
  // The first part of each path is enough to show the rule.
  const path = problems.map((problem) => problem.path).find((text) => /[a-z][A-Z]/.test(text));
  if (path === undefined) {
    return "";
  }
  const names = (change: (name: string) => string): string => path.replace(/[A-Za-z]+/g, change);
  const snakeCase = names((name) =>
    name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
  );
  const pascalCase = names((name) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`);
  return `\n    Names are spelt as in YAML: ${path} is ${snakeCase} in Python, ${pascalCase} in Go and .NET.`;
}
