import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import type { AutoscalingArgs } from "../args/autoscaling";
import { quantityNanos } from "../kubernetes/quantity";
import { isDeferred } from "../pulumi/inputs";
import { keepsState } from "../settings/agentState";
import { defaultResources } from "../settings/agentDefaults";
import { autoscalingSettings } from "../settings/autoscaling";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";

type Resources = Input<types.input.core.v1.ResourceRequirements>;

/** Source: Kubernetes, "Horizontal Pod Autoscaling", algorithm details: a tolerance of 10 %. */
const actsAbovePercent = 110n;

/** Reasons to refuse a number of agents; Sidecar placement has its own. */
export function scalingProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { placement = Placement.Service, agent = {} } = args;
  const { replicas, autoscaling } = agent;
  switch (placement) {
    case Placement.Sidecar:
      return [];
    case Placement.NodeLocal:
      return [
        ...(replicas === undefined ? [] : [oneOnEachNode("agent.replicas", replicas)]),
        ...(autoscaling === undefined ? [] : [oneOnEachNode("agent.autoscaling")]),
      ];
    case Placement.Service:
      return [
        ...(keepsState(args) ? stateProblems(agent) : []),
        ...(autoscaling === undefined ? [] : autoscalingProblems(args, autoscaling)),
      ];
  }
}

function oneOnEachNode(path: string, value?: number): ArgumentProblem {
  return {
    path,
    value,
    reason: "with placement NodeLocal there is one agent on each node",
    remedy: "Leave it out; choose the nodes with agent.nodeSelector and agent.tolerations.",
  };
}

/** An agent that keeps state must be the one that gets check and log, and Istio sends them to different ones. */
function stateProblems({
  replicas = 1,
  autoscaling,
}: NonNullable<SigsciIstioIntegrationArgs["agent"]>): ArgumentProblem[] {
  const problem = {
    reason:
      "checks are spread over all agents, but the access log of a proxy goes to one of them, so most response " +
      "data would reach an agent that never saw the request",
    remedy:
      'Set enforcement to "ExternalProcessing", run the agent in the application\'s pod (sidecar placement), use 1 ' +
      "replica, or set " +
      "agent.expectResponseData to false and do without detections that need the response.",
  };
  return [
    ...(replicas > 1 && Number.isInteger(replicas)
      ? [{ path: "agent.replicas", value: replicas, ...problem }]
      : []),
    ...(autoscaling === undefined ? [] : [{ path: "agent.autoscaling", ...problem }]),
  ];
}

function autoscalingProblems(
  args: SigsciIstioIntegrationArgs,
  autoscaling: AutoscalingArgs,
): ArgumentProblem[] {
  const { minReplicas, maxReplicas } = autoscalingSettings(autoscaling);
  return [
    ...(args.agent?.replicas === undefined
      ? []
      : [
          {
            path: "agent.replicas",
            value: args.agent.replicas,
            reason: "with agent.autoscaling the autoscaler sets the number of pods",
            remedy: `Leave it out; agent.autoscaling.minReplicas is the fewest (${minReplicas}).`,
          },
        ]),
    ...(minReplicas > maxReplicas
      ? [
          {
            path: "agent.autoscaling.maxReplicas",
            value: maxReplicas,
            reason: `it is less than agent.autoscaling.minReplicas (${minReplicas})`,
            remedy: `Use ${minReplicas} or more, or lower minReplicas.`,
          },
        ]
      : []),
    ...requestProblems(args),
  ];
}

/** The autoscaler measures CPU use by the requests, and gives up when a container of the pod has none. */
function requestProblems({ agent, observability }: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const exporter = observability?.agentMetrics?.resources;
  return [
    { path: "agent.resources", resources: agent?.resources },
    { path: "observability.agentMetrics.resources", resources: exporter },
  ].flatMap(({ path, resources }) =>
    resources !== undefined && lacksCpuRequest(resources)
      ? [
          {
            path: `${path}.requests.cpu`,
            reason: "agent.autoscaling measures CPU use in percent of it, and it is missing",
            remedy: 'Write requests: { cpu: "1" }, with the CPU that the container needs.',
          },
        ]
      : [],
  );
}

/** Kubernetes takes a limit for the request, and null for what is left out. */
function lacksCpuRequest(resources: Resources): boolean {
  return (
    !isDeferred(resources) &&
    [resources.requests, resources.limits].every(
      (list) => !isDeferred(list) && (list?.cpu ?? undefined) === undefined,
    )
  );
}

/** What is allowed in a number of agents but deserves a warning. */
export function scalingWarnings({ agent }: SigsciIstioIntegrationArgs): string[] {
  const { autoscaling } = agent ?? {};
  const resources = known(agent?.resources ?? defaultResources);
  const [request, limit] = [known(resources?.requests)?.cpu, known(resources?.limits)?.cpu].map((cpu) =>
    quantityNanos(known(cpu) ?? ""),
  );
  if (autoscaling === undefined || limit === undefined) {
    return [];
  }
  const { targetCpuPercent } = autoscalingSettings(autoscaling);
  const used = (request ?? limit) * BigInt(targetCpuPercent) * actsAbovePercent;
  return limit * 100n * 100n > used
    ? []
    : [
        `agent.autoscaling.targetCpuPercent: no pod is ever added. The autoscaler acts above ${actsAbovePercent} % of ` +
          `the target of ${targetCpuPercent} %, and the limit in agent.resources keeps the agent below. Lower the ` +
          "target or raise the limit.",
      ];
}
