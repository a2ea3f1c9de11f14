import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ArgumentProblem } from "./problem";
import type { AgentArgs } from "../args/agent";
import { isDeferred } from "../pulumi/inputs";
import { known, leafProblems } from "./known";
import {
  agentOption,
  agentOptions,
  OptionKind,
  optionVariable,
  variableOption,
} from "../agent/optionCatalogue";
import type { AgentOptionsArgs } from "../args/agentOptions";
import { goDuration } from "../kubernetes/syntax";
import { defaultStartupProbe } from "../settings/agentDefaults";

type EnvVar = k8s.types.input.core.v1.EnvVar;

/** One place that sets a variable. */
interface Source {
  variable: string;
  path: string;
}

const optionNamePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const variablePattern = /^[A-Za-z_.-][A-Za-z0-9_.-]*$/;
const keyOptions = agentOptions
  .filter((option) => option.setBy === "credentials")
  .map((option) => option.name);
const saltOption = "anonymous-ip-secret-key";

/**
 * Everything that is wrong with the options and the raw variables: invalid names and values, secrets in plain
 * text, and a variable that is set twice. Leaves that are known only later are skipped. No value of a raw
 * variable and no secret is shown.
 *
 * @param args - The agent's arguments.
 * @param path - Where they stand, for example `agent`.
 */
export function environmentProblems(args: AgentArgs, path: string): ArgumentProblem[] {
  const variables = (args.env ?? []).flatMap((variable, index) => {
    const plain = known(variable);
    return plain === undefined ? [] : [{ variable: plain, path: `${path}.env[${index}]` }];
  });
  return [
    ...typedOptionProblems(args.options ?? {}, `${path}.options`),
    ...Object.entries(args.extraOptions ?? {}).flatMap(([name, value]) =>
      extraOptionProblems(name, value, extraOptionPath(path, name)),
    ),
    ...variables.flatMap(({ variable, path: at }) => rawVariableProblems(variable, at)),
    ...twiceProblems(args, path, variables),
  ];
}

function extraOptionPath(path: string, name: string): string {
  return `${path}.extraOptions[${JSON.stringify(name)}]`;
}

function extraOptionProblems(name: string, value: pulumi.Input<string>, path: string): ArgumentProblem[] {
  if (keyOptions.includes(name) || name === saltOption) {
    const place = name === saltOption ? "agent.options.anonymousIpSecretKey" : "credentials";
    return [
      { path, reason: "a secret would stand in plain text in the pod", remedy: `Give it as ${place}.` },
    ];
  }
  if (!optionNamePattern.test(name) || name.startsWith("sigsci-")) {
    const meant = name
      .trim()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replace(/^-?(sigsci-)?/, "")
      .replace(/-$/, "");
    return [
      {
        path,
        reason: "an option name is lower-case words with hyphens between them, without sigsci in front",
        remedy: optionNamePattern.test(meant)
          ? `Write "${meant}".`
          : 'Write the documented name, for example "max-procs".',
      },
    ];
  }
  return valueProblems(name, value, path);
}

function rawVariableProblems(variable: EnvVar, path: string): ArgumentProblem[] {
  if (isDeferred(variable.name)) {
    return [];
  }
  const name = variable.name;
  if (!name) {
    const remedy = 'Write a name such as "HTTPS_PROXY".';
    return [{ path: `${path}.name`, reason: "a variable needs a name", remedy }];
  }
  if (!variablePattern.test(name)) {
    return [
      {
        path: `${path}.name`,
        value: name,
        reason: "a variable's name has letters, digits, underscores, dots and hyphens, and no digit first",
        remedy: 'Write a name such as "HTTPS_PROXY".',
      },
    ];
  }
  if (variable.value !== undefined && variable.valueFrom !== undefined) {
    return [{ path, reason: `${name} has both value and valueFrom`, remedy: "Keep one of the two." }];
  }
  return secretVariableProblems(name, variable, path);
}

function secretVariableProblems(name: string, variable: EnvVar, path: string): ArgumentProblem[] {
  const option = variableOption(name);
  if (option === undefined) {
    return [];
  }
  if (keyOptions.includes(option)) {
    return [
      {
        path,
        reason: `${name} is set by the component`,
        remedy: "Give the keys as credentials, or the Secret that holds them as credentials.existingSecret.",
      },
    ];
  }
  if (option === saltOption) {
    return variable.value === undefined
      ? []
      : [
          {
            path: `${path}.value`,
            reason: "a secret would stand in plain text in the pod",
            remedy: "Use valueFrom with a secretKeyRef, or agent.options.anonymousIpSecretKey.",
          },
        ];
  }
  const value = known(variable.value);
  return value === undefined ? [] : valueProblems(option, value, `${path}.value`);
}

/** A variable that two places set: which of them wins would depend on their order. */
function twiceProblems(
  args: AgentArgs,
  path: string,
  rawVariables: { variable: EnvVar; path: string }[],
): ArgumentProblem[] {
  const raw = rawVariables.flatMap(({ variable, path: at }) => {
    const name = known(variable.name);
    return name ? [{ variable: name, path: at }] : [];
  });
  const first = new Map(componentSources(args, path).map((source) => [source.variable, source.path]));
  return [...typedSources(args, path), ...extraSources(args, path), ...raw].flatMap((source) => {
    const earlier = first.get(source.variable);
    if (earlier === undefined) {
      first.set(source.variable, source.path);
      return [];
    }
    return [
      {
        path: source.path,
        reason: `${source.variable} is already set by ${earlier}`,
        remedy: `Keep ${earlier} or this one, not both.`,
      },
    ];
  });
}

/** What the component sets itself. The keys are left out: they have a refusal of their own. */
function componentSources(args: AgentArgs, path: string): Source[] {
  const active = {
    credentials: false,
    port: true,
    expectResponseData: args.expectResponseData ?? true,
    startupProbe: args.startupProbe?.enabled ?? defaultStartupProbe.enabled,
  };
  return agentOptions.flatMap(({ name, setBy }) =>
    setBy !== undefined && active[setBy]
      ? [{ variable: optionVariable(name), path: `${path}.${setBy}` }]
      : [],
  );
}

function typedSources(args: AgentArgs, path: string): Source[] {
  return agentOptions.flatMap(({ name, field }) =>
    field === undefined || args.options?.[field] === undefined
      ? []
      : [{ variable: optionVariable(name), path: `${path}.options.${field}` }],
  );
}

function extraSources(args: AgentArgs, path: string): Source[] {
  return Object.keys(args.extraOptions ?? {})
    .filter((name) => optionNamePattern.test(name))
    .map((name) => ({ variable: optionVariable(name), path: extraOptionPath(path, name) }));
}

/**
 * Everything that is wrong with the values of the typed options; deferred ones are skipped.
 *
 * @param options - The typed options.
 * @param path - Where they stand, for example `agent.options`.
 */
function typedOptionProblems(options: AgentOptionsArgs, path: string): ArgumentProblem[] {
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
function valueProblems(
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
