import { Refusal } from "../pulumi/refusal";
import { closest } from "../validation/closest";
import { argumentNames } from "../validation/shapes/integration";

const keys = [
  "name",
  "site",
  "accessKeyId",
  "secretAccessKey",
  "existingSecret",
  ...argumentNames.filter((name) => name !== "credentials"),
];

/**
 * Refuses configuration keys of the project that the root stack does not read: misspelt, an optional argument would be
 * left out without a word.
 *
 * @param configured - Full keys, `<namespace>:<key>`; those of other namespaces are somebody else's.
 * @throws Refusal with the name that was probably meant.
 */
export function refuseUnknownKeys(configured: readonly string[], project: string): void {
  const unknown = configured
    .filter((key) => key.startsWith(`${project}:`))
    .map((key) => key.slice(project.length + 1))
    .filter((key) => !keys.includes(key));
  if (unknown.length === 0) {
    return;
  }
  const problems = unknown.map((key) => {
    const meant = key === "credentials" ? "existingSecret" : closest(key, keys);
    const likely =
      meant === undefined ? `Known are: ${[...keys].sort().join(", ")}.` : `Did you mean ${meant}?`;
    return `  - ${key}: no configuration key of this stack. ${likely}\n      pulumi config rm ${key}`;
  });
  throw new Refusal(`The configuration is refused, nothing was changed.\n${problems.join("\n")}`);
}
