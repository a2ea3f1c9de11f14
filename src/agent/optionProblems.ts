import type * as pulumi from "@pulumi/pulumi";
import type { ArgumentProblem } from "../validation/problem";
import { goDuration } from "../kubernetes/syntax";
import { known, leafProblems } from "../validation/known";
import { agentOption, agentOptions, OptionKind } from "./optionCatalogue";
import type { AgentOptionsArgs } from "../args/agentOptions";

/**
 * Everything that is wrong with the values of the typed options; deferred ones are skipped.
 *
 * @param options - The typed options.
 * @param path - Where they stand, for example `agent.options`.
 */
export function typedOptionProblems(options: AgentOptionsArgs, path: string): ArgumentProblem[] {
  return agentOptions.flatMap(({ name, field }) => {
    const value = field && options[field];
    if (value === undefined) {
      return [];
    }
    const at = `${path}.${field}`;
    return field === "anonymousIpSecretKey" ? saltProblems(known(value), at) : valueProblems(name, value, at);
  });
}

/** The salt is a secret: its value is never shown. */
function saltProblems(salt: unknown, path: string): ArgumentProblem[] {
  return typeof salt === "string" && salt.trim() !== salt
    ? [{ path, reason: "it has blanks at an end", remedy: "Remove them, or leave the option out." }]
    : salt === ""
      ? [{ path, reason: "it is empty", remedy: "Give a value, or leave the option out." }]
      : [];
}

/**
 * Checks the value of an option, as far as the kind of the option is known.
 *
 * @param name - Dashed name of the option.
 * @param value - Its value; it must not be a secret.
 * @param path - Where the value stands.
 */
export function valueProblems(
  name: string,
  value: pulumi.Input<string | number | boolean>,
  path: string,
): ArgumentProblem[] {
  if (known(value) === "") {
    const remedy = "Give a value, or leave the option out.";
    return [{ path, value: "", reason: "an empty value would replace the agent's default", remedy }];
  }
  const { check, remedy } = valueCheck(name);
  return leafProblems(path, value, (plain) => check(String(plain)), remedy);
}

interface ValueCheck {
  check: (text: string) => string | undefined;
  remedy: string;
}

function valueCheck(name: string): ValueCheck {
  if (name === "max-procs") {
    return { check: maxProcs, remedy: 'Write a number of CPUs such as "2", or a percentage such as "50%".' };
  }
  switch (agentOption(name)?.kind) {
    case OptionKind.Duration:
      return {
        check: goDuration,
        remedy:
          'Write the unit, for example "10s" or "500ms"; a bare number means milliseconds to the agent.',
      };
    case OptionKind.Count:
      return { check: count, remedy: "Write a whole number, 0 or more." };
    case OptionKind.Flag:
      return { check: flag, remedy: "Write true or false." };
    default:
      return { check: () => undefined, remedy: "" };
  }
}

function maxProcs(text: string): string | undefined {
  return /^[1-9]\d*%?$/.test(text) ? undefined : "it is neither a number of CPUs nor a percentage";
}

function count(text: string): string | undefined {
  return /^\d+$/.test(text) ? undefined : "it is no whole number";
}

function flag(text: string): string | undefined {
  return /^(true|false|1|0)$/i.test(text) ? undefined : "it is neither true nor false";
}
