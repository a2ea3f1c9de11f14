import type { ProjectSettings } from "../offline/projectConfig";
import { closest } from "../validation/closest";

/**
 * Warnings of keys that the command line sets and the program does not read: misspelt, a value would have no effect
 * without a word.
 * @param reads the full keys that the program has read
 */
export function unreadConfiguration(
  { project, assigned }: Pick<ProjectSettings, "project" | "assigned">,
  reads: ReadonlySet<string>,
): string[] {
  const known = [...reads]
    .filter((key) => key.startsWith(`${project}:`))
    .map((key) => key.slice(project.length + 1));
  return assigned
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = closest(key, known);
      const likely =
        meant === undefined ? `It reads: ${[...known].sort().join(", ")}` : `Did you mean ${meant}?`;
      return `--config ${key}: the program does not read it. ${known.length === 0 ? "It reads none" : likely}`;
    });
}
