import { optionVariable } from "../agent/optionCatalogue";
import type { AgentArgs } from "../args/agent";
import { SidecarForm } from "../args/sidecar";
import type { SidecarAgentArgs } from "../args/sidecar";
import { isDeferred, isRecord } from "../pulumi/inputs";
import { sidecarAgentSettings } from "../settings/sidecar";
import { containerProblems, shutdownProblems } from "./agentProblems";
import { allProblems } from "./allProblems";
import { anonymousIpSecretKeyProblems, sameSecretKeyProblems } from "./credentialsProblems";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";
import { entryPath } from "./shape";
import { noEffectReason, podsOwn, sidecarAgentShape, withoutEffect } from "./shapes/sidecar";

const startupOption = "startup-probe-filepath";

/** Ports of istio-proxy in every pod of the mesh, and of its gateways. Source: Istio, "Ports used by Istio". */
const istioPorts = { first: 15_000, last: 15_099, others: [15_443] };

/**
 * Everything that is wrong with the arguments of the agent in a pod that a program owns.
 *
 * @param given - From a program without type checks they may be anything.
 */
export function sidecarAgentProblems(given: unknown, path: string): ArgumentProblem[] {
  // What is corrected is found by its path.
  return allProblems<Record<string, SidecarAgentArgs>>(
    { [path]: given },
    (all) =>
      sidecarAgentShape(isRecord(all) ? all[path] : undefined, path).map((problem) => ({
        ...problem,
        remedy: problem.remedy.replace("the agent's namespace", "the pod's namespace"),
      })),
    ({ [path]: args }) => (args === undefined ? [] : ownProblems(args, path)),
  );
}

/** What does not go together in arguments of the right types. */
function ownProblems(args: SidecarAgentArgs, path: string): ArgumentProblem[] {
  const agent = args.agent ?? {};
  const at = `${path}.agent`;
  return [
    ...sameSecretKeyProblems(args.secret, `${path}.secret`),
    ...anonymousIpSecretKeyProblems({ existingSecret: args.secret }, agent, at).map((problem) => ({
      ...problem,
      reason: "the Secret is not ours, so there is nowhere to keep it",
    })),
    ...(agent.name === undefined
      ? []
      : [noEffect(`${at}.name`, agent.name, "the agent has no objects of its own")]),
    ...sidecarPlacementProblems(agent, args.form, { agent: at, form: `${path}.form` }),
    ...combinedProblems(agent, args, at),
  ];
}

/** What does not go together in every placement. */
function combinedProblems(
  agent: AgentArgs,
  { form, externalProcessing }: SidecarAgentArgs,
  path: string,
): ArgumentProblem[] {
  const settings = sidecarAgentSettings(agent, { form, externalProcessing });
  return [
    ...containerProblems(agent, settings, path),
    ...(form === SidecarForm.Container ? shutdownProblems(settings, `${path}.shutdown`) : []),
  ];
}

/** What does not go with the agent in an application's pod, whoever adds it there. */
export function sidecarPlacementProblems(
  agent: AgentArgs,
  form: SidecarForm | undefined,
  paths: { agent: string; form: string },
): ArgumentProblem[] {
  return [
    // The keys are those of `withoutEffect`.
    ...(Object.keys(withoutEffect) as (keyof AgentArgs)[]).flatMap((field) =>
      agent[field] === undefined
        ? []
        : [noEffect(`${paths.agent}.${field}`, shown(agent[field]), withoutEffect[field] ?? "")],
    ),
    ...startupProblems(agent, paths.agent),
    ...stopProblems(agent, form, `${paths.agent}.shutdown`),
    ...istioPortProblems(agent.port, `${paths.agent}.port`),
  ];
}

function noEffect(path: string, value: unknown, reason: string): ArgumentProblem {
  return {
    path,
    value,
    reason: noEffectReason(reason),
    remedy: "Leave it out.",
  };
}

function shown(value: unknown): unknown {
  return isDeferred(value) || typeof value === "object" ? undefined : value;
}

/** The probe reads a file, which needs no port. */
function startupProblems(agent: AgentArgs, path: string): ArgumentProblem[] {
  const { startupProbe, extraOptions = {}, env = [] } = agent;
  const variable = optionVariable(startupOption);
  const at = [
    ...(startupOption in extraOptions ? [entryPath(`${path}.extraOptions`, startupOption)] : []),
    ...env.flatMap((entry, index) =>
      known(known(entry)?.name) === variable ? [`${path}.env[${index}]`] : [],
    ),
  ];
  const isOn = startupProbe?.enabled ?? true;
  return [
    ...(startupProbe?.port === undefined
      ? []
      : [
          noEffect(
            `${path}.startupProbe.port`,
            startupProbe.port,
            "the startup probe reads a file there, since Istio would have an HTTP probe answered by its own agent",
          ),
        ]),
    ...at
      .filter(() => isOn)
      .map((place) => ({
        path: place,
        reason: `${variable} is already set for the startup probe`,
        remedy: `Leave it out, or set ${path}.startupProbe.enabled to false.`,
      })),
  ];
}

function stopProblems(
  { shutdown }: AgentArgs,
  form: SidecarForm | undefined,
  path: string,
): ArgumentProblem[] {
  const { preStopSleepSeconds: sleep, terminationGracePeriodSeconds: grace } = shutdown ?? {};
  const native = "the kubelet stops a native sidecar after the application, so it needs no sleep";
  return [
    ...(grace === undefined ? [] : [noEffect(`${path}.terminationGracePeriodSeconds`, grace, podsOwn)]),
    ...(sleep === undefined || form === SidecarForm.Container
      ? []
      : [noEffect(`${path}.preStopSleepSeconds`, sleep, native)]),
  ];
}

function istioPortProblems(value: number | undefined, path: string): ArgumentProblem[] {
  const { first, last, others } = istioPorts;
  if (value === undefined || !((value >= first && value <= last) || others.includes(value))) {
    return [];
  }
  const reason = `istio-proxy keeps ${first} to ${last} and ${others.join(", ")} of the pod for itself`;
  return [{ path, value, reason, remedy: "Use another port." }];
}
