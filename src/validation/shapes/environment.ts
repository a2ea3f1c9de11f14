import type * as k8s from "@pulumi/kubernetes";
import { agentOption, agentOptions, OptionKind, variableOption } from "../../agent/optionCatalogue";
import type { AgentOptionsArgs } from "../../args/agentOptions";
import { goDuration } from "../../kubernetes/syntax";
import { isDeferred } from "../../pulumi/inputs";
import { known } from "../known";
import type { ArgumentProblem } from "../problem";
import { checked, entryPath, flag, input, map, number, object, secretText, text } from "../shape";
import type { Check, Shape } from "../shape";
import { withUnits } from "./duration";
import { envVarShape } from "./kubernetes";

type EnvVar = k8s.types.input.core.v1.EnvVar;

const optionNamePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const variablePattern = /^[A-Za-z_.-][A-Za-z0-9_.-]*$/;
const keyOptions = agentOptions
  .filter((option) => option.setBy === "credentials")
  .map((option) => option.name);
const saltOption = "anonymous-ip-secret-key";

const types: Readonly<Record<OptionKind, Shape>> = {
  [OptionKind.Text]: text(),
  [OptionKind.Duration]: text(() => undefined, "", "10s"),
  [OptionKind.Flag]: flag,
  [OptionKind.Count]: number(),
};

const salt = secretText(
  (value) => (value === "" ? "it is empty" : value.trim() === value ? undefined : "it has blanks at an end"),
  (value) =>
    value === "" ? "Give a value, or leave the option out." : "Remove them, or leave the option out.",
);

function typeOf(name: string, kind: OptionKind): Shape {
  return name === "max-procs" ? text(() => undefined, "", "2") : types[kind];
}

const typedOptions = agentOptions.flatMap(({ name, field, kind }) =>
  field === undefined
    ? []
    : [[field, input(name === saltOption ? salt : optionValue(name, typeOf(name, kind)))]],
);

/** Shape of the typed options: each is a line of the catalogue, which says what its value is. */
export const optionsShape = object<AgentOptionsArgs>({
  // The catalogue has every field; a test of it does not compile otherwise.
  fields: Object.fromEntries(typedOptions) as Record<keyof AgentOptionsArgs, Shape>,
});

/** Shape of the options by their dashed names. */
export const extraOptionsShape = checked<Record<string, unknown>>(map(input(text())), (options, path) =>
  Object.entries(options).flatMap(([name, value]) => extraOptionProblems(name, value, entryPath(path, name))),
);

/** Shape of a raw variable. Its value may be a secret, so only values of known options are shown. */
export const variableShape = checked<EnvVar>(envVarShape, variableProblems);

/** Whether it is written as an option is: lower-case words with hyphens between them. */
export function isOptionName(name: string): boolean {
  return optionNamePattern.test(name);
}

function extraOptionProblems(name: string, value: unknown, path: string): ArgumentProblem[] {
  if (keyOptions.includes(name) || name === saltOption) {
    const place = name === saltOption ? "agent.options.anonymousIpSecretKey" : "credentials";
    return [
      { path, reason: "a secret would stand in plain text in the pod", remedy: `Give it as ${place}.` },
    ];
  }
  if (!isOptionName(name) || name.startsWith("sigsci-")) {
    return [
      {
        path,
        reason: "an option name is lower-case words with hyphens between them, without sigsci in front",
        remedy: optionNameRemedy(name),
      },
    ];
  }
  return input(optionValue(name, text()))(value, path);
}

function optionNameRemedy(name: string): string {
  const meant = name
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-?(sigsci-)?/, "")
    .replace(/-$/, "");
  return isOptionName(meant) ? `Write "${meant}".` : 'Write the documented name, for example "max-procs".';
}

function variableProblems(variable: EnvVar, path: string): ArgumentProblem[] {
  if (isDeferred(variable.name)) {
    return [];
  }
  const name = variable.name;
  const remedy = 'Write a name such as "HTTPS_PROXY".';
  if (!name) {
    return [{ path: `${path}.name`, reason: "a variable needs a name", remedy }];
  }
  // The shape has only seen an object of Kubernetes, whose fields may be anything.
  const wrong = text()(name, `${path}.name`);
  if (wrong.length > 0) {
    return wrong;
  }
  if (!variablePattern.test(name)) {
    const reason = "a variable's name has letters, digits, underscores, dots and hyphens, and no digit first";
    return [{ path: `${path}.name`, value: name, reason, remedy }];
  }
  if ((variable.value ?? undefined) !== undefined && (variable.valueFrom ?? undefined) !== undefined) {
    return [{ path, reason: `${name} has both value and valueFrom`, remedy: "Keep one of the two." }];
  }
  return optionVariableProblems(name, variable, path);
}

function optionVariableProblems(name: string, variable: EnvVar, path: string): ArgumentProblem[] {
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
  // Kubernetes takes null for a value that is left out.
  const value = known(variable.value) ?? undefined;
  if (option !== saltOption) {
    return value === undefined ? [] : optionValue(option)(value, `${path}.value`);
  }
  return (variable.value ?? undefined) === undefined
    ? []
    : [
        {
          path: `${path}.value`,
          reason: "a secret would stand in plain text in the pod",
          remedy: "Use valueFrom with a secretKeyRef, or agent.options.anonymousIpSecretKey.",
        },
      ];
}

/** The value of an option, as far as the kind of the option is known; it must not be a secret. */
function optionValue(name: string, type: Shape = () => []): Shape {
  const { check, remedy } = valueCheck(name);
  const read = agentOption(name)?.kind === OptionKind.Duration ? withUnits : undefined;
  return checked<string | number | boolean>(
    type,
    (value, path) => {
      if (value === "") {
        const reason = "an empty value would replace the agent's default";
        return [{ path, value, reason, remedy: "Give a value, or leave the option out." }];
      }
      const reason = check(String(value));
      return reason === undefined ? [] : [{ path, value, reason, remedy }];
    },
    read,
  );
}

interface ValueCheck {
  check: Check<string>;
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
      return { check: truth, remedy: "Write true or false." };
    default:
      return { check: () => undefined, remedy: "" };
  }
}

function maxProcs(value: string): string | undefined {
  return /^[1-9]\d*%?$/.test(value) ? undefined : "it is neither a number of CPUs nor a percentage";
}

function count(value: string): string | undefined {
  return /^\d+$/.test(value) ? undefined : "it is no whole number";
}

function truth(value: string): string | undefined {
  return /^(true|false|1|0)$/i.test(value) ? undefined : "it is neither true nor false";
}
