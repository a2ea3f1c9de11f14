import { agentOptions, optionVariable } from "../agent/optionCatalogue";
import type { AgentArgs } from "../args/agent";
import { defaultStartupProbe } from "../settings/agentDefaults";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";
import { entryPath } from "./shape";
import { isOptionName } from "./shapes/environment";

/** One place that sets a variable. */
interface Source {
  variable: string;
  path: string;
}

/** Refuses a variable that two places set: which of them wins would depend on their order. */
export function environmentProblems(
  args: AgentArgs,
  path: string,
  externalProcessing = false,
): ArgumentProblem[] {
  const first = new Map(
    componentSources(args, path, externalProcessing).map((source) => [source.variable, source.path]),
  );
  return [...typedSources(args, path), ...extraSources(args, path), ...rawSources(args, path)].flatMap(
    (source) => {
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
    },
  );
}

/** What the component sets itself. The keys are left out: they have a refusal of their own. */
function componentSources(args: AgentArgs, path: string, externalProcessing: boolean): Source[] {
  const active = {
    credentials: false,
    port: true,
    enforcement: externalProcessing,
    expectResponseData: (args.expectResponseData ?? true) && !externalProcessing,
    startupProbe: args.startupProbe?.enabled ?? defaultStartupProbe.enabled,
  };
  return agentOptions.flatMap(({ name, setBy }) =>
    setBy !== undefined && active[setBy]
      ? [{ variable: optionVariable(name), path: setBy === "enforcement" ? setBy : `${path}.${setBy}` }]
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
    .filter(isOptionName)
    .map((name) => ({ variable: optionVariable(name), path: entryPath(`${path}.extraOptions`, name) }));
}

function rawSources(args: AgentArgs, path: string): Source[] {
  return (args.env ?? []).flatMap((entry, index) => {
    const variable = known(known(entry)?.name);
    return variable ? [{ variable, path: `${path}.env[${index}]` }] : [];
  });
}
