import type { AgentArgs } from "../args/agent";
import { agentSettings, type AgentSettings } from "../settings/agent";
import { environmentProblems } from "./environmentProblems";
import { imageProblems, startupProbeVersionProblems } from "./imageProblems";
import type { ArgumentProblem } from "./problem";
import { agentName, graceRemedy } from "./shapes/agent";

/** What does not go together in the agent's arguments, of the right types, and in the component's name. */
export function agentProblems(
  componentName: string,
  args: AgentArgs | undefined,
  path: string,
  externalProcessing = false,
): ArgumentProblem[] {
  const given = args ?? {};
  const settings = agentSettings(componentName, given, externalProcessing);
  return [
    ...defaultNameProblems(given, settings, path),
    ...portProblems(settings, path),
    ...containerProblems(given, settings, path),
    ...shutdownProblems(settings, `${path}.shutdown`),
  ];
}

/** What does not go together in the agent's container, in whatever pod it is. */
export function containerProblems(args: AgentArgs, settings: AgentSettings, path: string): ArgumentProblem[] {
  return [
    ...imageProblems(args.image ?? {}, `${path}.image`),
    ...environmentProblems(args, path, settings.externalProcessing),
    ...(settings.startupProbe.enabled
      ? startupProbeVersionProblems(settings.image, `${path}.startupProbe`)
      : []),
  ];
}

/** Refuses a grace period that the preStop sleep uses up. */
export function shutdownProblems({ shutdown }: AgentSettings, path: string): ArgumentProblem[] {
  const { preStopSleepSeconds: sleep, terminationGracePeriodSeconds: value } = shutdown;
  const at = `${path}.terminationGracePeriodSeconds`;
  // A shorter one is refused by its shape.
  return value < 1 || value > sleep
    ? []
    : [
        {
          path: at,
          value,
          reason: `the preStop sleep of ${sleep} s leaves the agent no time to stop`,
          remedy: graceRemedy(at),
        },
      ];
}

function defaultNameProblems(given: AgentArgs, { name }: AgentSettings, path: string): ArgumentProblem[] {
  return given.name === undefined
    ? agentName(name, `${path}.name`).map((problem) => ({
        ...problem,
        reason: `the default follows the component's name: ${problem.reason}`,
      }))
    : [];
}

function portProblems({ port, startupProbe }: AgentSettings, path: string): ArgumentProblem[] {
  return startupProbe.enabled && startupProbe.port === port
    ? [
        {
          path: `${path}.startupProbe.port`,
          value: port,
          reason: `the gRPC listener has this port already (${path}.port)`,
          remedy: "Use another port.",
        },
      ]
    : [];
}
