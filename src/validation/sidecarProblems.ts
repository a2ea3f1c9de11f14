import { isDeferred, isRecord } from "../pulumi/inputs";
import { known, leafProblems } from "./known";
import type { ArgumentProblem } from "./problem";
import { port } from "../kubernetes/syntax";
import type { AgentArgs } from "../args/agent";
import { probeProblems, shutdownProblems, volumeProblems } from "./containerProblems";
import { anonymousIpSecretKeyProblems, credentialsProblems } from "./credentialsProblems";
import { environmentProblems } from "./environmentProblems";
import { imageProblems } from "./imageProblems";
import { optionVariable } from "../agent/optionCatalogue";
import { resourceProblems } from "./resourceProblems";
import { SidecarForm } from "../args/sidecar";
import type { SidecarAgentArgs } from "../args/sidecar";
import { sidecarAgentSettings } from "../settings/sidecar";

const firstUnprivilegedPort = 1024;
const startupOption = "startup-probe-filepath";

/** Ports of istio-proxy in every pod of the mesh, and of its gateways. Source: Istio, "Ports used by Istio". */
const istioPorts = { first: 15_000, last: 15_099, others: [15_443] };

type Reasons = Readonly<Partial<Record<keyof AgentArgs, string>>>;

const podsOwn = "it belongs to the pod, which is the application's: set it there";

/** Arguments about pods of the agent's own, with the reason why they have no effect in an application's. */
const withoutEffect: Reasons = {
  replicas: "there is one agent in each pod of the application, so the application's replicas decide",
  networkPolicy:
    "nothing of the agent can be reached from outside its pod, and the way out is the application's",
  serviceAccountName: podsOwn,
  imagePullSecrets: podsOwn,
  priorityClassName: podsOwn,
  nodeSelector: podsOwn,
  tolerations: podsOwn,
  affinity: podsOwn,
  podSecurityContext: "the pod is the application's; the agent's container has a securityContext of its own",
  podLabels: podsOwn,
  podAnnotations: podsOwn,
};

/**
 * Everything that is wrong with the arguments of the agent in a pod that a program owns; leaves that are known only
 * later are skipped.
 *
 * @param args - The arguments.
 * @param path - Where they stand, for example `agent`.
 */
export function sidecarAgentProblems(args: SidecarAgentArgs, path: string): ArgumentProblem[] {
  // Programs without type checks may give anything.
  const given: unknown = args;
  if (!isRecord(given) || !isRecord(given.secret)) {
    const remedy = "Give the Secret with the keys: secret: { name }. It must be in the pod's own namespace.";
    return [{ path: `${path}.secret`, reason: "the agent does not start without keys", remedy }];
  }
  const credentials = { existingSecret: args.secret };
  const agent = args.agent ?? {};
  const at = `${path}.agent`;
  const name =
    agent.name === undefined
      ? []
      : [noEffect(`${at}.name`, agent.name, "the agent has no objects of its own")];
  return [
    ...credentialsProblems(credentials, path).map((problem) => withPath(problem, "existingSecret", "secret")),
    ...anonymousIpSecretKeyProblems(credentials, agent, at).map((problem) => ({
      ...problem,
      reason: "the Secret is not ours, so there is nowhere to keep it",
    })),
    ...name,
    ...sidecarPlacementProblems(agent, args.form, { agent: at, form: `${path}.form` }),
    ...ownFieldProblems(agent, args.form, at),
  ];
}

/**
 * What does not go with the agent in an application's pod, whoever adds it there.
 *
 * @param agent - The agent's arguments.
 * @param form - What kind of container it is.
 * @param paths - Where the two stand.
 */
export function sidecarPlacementProblems(
  agent: AgentArgs,
  form: SidecarForm | undefined,
  paths: { agent: string; form: string },
): ArgumentProblem[] {
  const formReason = (value: SidecarForm): string | undefined =>
    Object.values(SidecarForm).includes(value) ? undefined : "there is no such form";
  const remedy = 'Use "NativeSidecar" or "Container".';
  return [
    ...leafProblems(paths.form, form, formReason, remedy),
    // The keys are those of `withoutEffect`.
    ...(Object.keys(withoutEffect) as (keyof AgentArgs)[]).flatMap((field) =>
      agent[field] === undefined
        ? []
        : [noEffect(`${paths.agent}.${field}`, shown(agent[field]), withoutEffect[field] ?? "")],
    ),
    ...startupProblems(agent, paths.agent),
    ...stopProblems(agent, form, `${paths.agent}.shutdown`),
    ...leafProblems(`${paths.agent}.port`, agent.port, istioReason, "Use another port."),
  ];
}

/** The checks of fields that mean the same in every placement. */
function ownFieldProblems(agent: AgentArgs, form: SidecarForm | undefined, path: string): ArgumentProblem[] {
  const settings = sidecarAgentSettings(agent, form);
  const remedy = "Use a port from 1024 to 65535.";
  return [
    ...imageProblems(agent.image ?? {}, `${path}.image`),
    ...leafProblems(`${path}.port`, agent.port, unprivilegedPort, remedy),
    ...environmentProblems(agent, path),
    ...resourceProblems(agent.resources, `${path}.resources`),
    ...volumeProblems(settings, `${path}.temporaryVolume`),
    ...probeProblems(settings, `${path}.startupProbe`),
    ...(form === SidecarForm.Container ? shutdownProblems(settings, `${path}.shutdown`) : []),
  ];
}

function noEffect(path: string, value: unknown, reason: string): ArgumentProblem {
  return {
    path,
    value,
    reason: `it has no effect in an application's pod: ${reason}`,
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
    ...(startupOption in extraOptions ? [`${path}.extraOptions[${JSON.stringify(startupOption)}]`] : []),
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

function istioReason(value: number): string | undefined {
  const { first, last, others } = istioPorts;
  return (value >= first && value <= last) || others.includes(value)
    ? `istio-proxy keeps ${first} to ${last} and ${others.join(", ")} of the pod for itself`
    : undefined;
}

function unprivilegedPort(value: number): string | undefined {
  const reason = "ports below 1024 need a capability, and the agent's container drops all of them";
  return port(value) ?? (value < firstUnprivilegedPort ? reason : undefined);
}

function withPath(problem: ArgumentProblem, from: string, to: string): ArgumentProblem {
  return {
    ...problem,
    path: problem.path.replace(from, to),
    remedy: problem.remedy.replace("the agent's namespace", "the pod's namespace"),
  };
}
