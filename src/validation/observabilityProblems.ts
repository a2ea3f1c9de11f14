import { optionVariable } from "../agent/optionCatalogue";
import type { AgentArgs } from "../args/agent";
import { Enforcement, Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { agentSettings } from "../settings/agent";
import { defaultMetricsPort } from "../settings/observability";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";

const option = "statsd-address";

/** What does not go together in the arguments of observability, or with others. */
export function observabilityProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  return [...placeProblems(args), ...metricsProblems(args)];
}

function placeProblems({ observability = {}, placement }: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { prometheusRules: rules, dashboard } = observability;
  const placed = { prometheusRules: rules?.create === false ? undefined : rules, dashboard };
  const withoutNamespace = Object.entries(placed).flatMap(([part, given]) =>
    placement === Placement.Sidecar && given !== undefined && given.namespace === undefined
      ? [
          {
            path: `observability.${part}.namespace`,
            reason: "it is missing, and with placement Sidecar the agent has no namespace of its own",
            remedy: 'Name one that exists, for example "monitoring".',
          },
        ]
      : [],
  );
  const unused = (["labels", "namespace"] as const).flatMap((field) =>
    rules?.create === false && rules[field] !== undefined
      ? [
          {
            path: `observability.prometheusRules.${field}`,
            value: rules[field],
            reason: "it has no effect with create: false, as there is no PrometheusRule",
            remedy: "Leave it out.",
          },
        ]
      : [],
  );
  return [...withoutNamespace, ...unused];
}

function metricsProblems({
  observability = {},
  placement,
  agent = {},
}: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { agentMetrics } = observability;
  if (agentMetrics === undefined) {
    return [];
  }
  if (placement === Placement.Sidecar) {
    return [
      {
        path: "observability.agentMetrics",
        value: agentMetrics,
        reason: "with placement Sidecar the agent's pods are the applications', and get no further container",
        remedy: "Leave it out, and send the metrics to an exporter of your own: agent.options.statsdAddress.",
      },
    ];
  }
  const { port: value = defaultMetricsPort } = agentMetrics;
  const { port, startupProbe } = agentSettings("", agent);
  const taken = value === port ? "agent.port" : "agent.startupProbe.port";
  const isTaken = value === port || (startupProbe.enabled && value === startupProbe.port);
  return [
    ...(isTaken
      ? [
          {
            path: "observability.agentMetrics.port",
            value,
            reason: `the agent listens on it already (${taken})`,
            remedy: "Use another port.",
          },
        ]
      : []),
    ...statsdAddresses(agent).map((path) => ({
      path,
      reason: "observability.agentMetrics sends the agent's metrics to its own exporter",
      remedy: "Leave out either.",
    })),
  ];
}

/** Where else the address is set to which the agent sends its metrics. */
function statsdAddresses({ options, extraOptions, env = [] }: AgentArgs): string[] {
  const variable = optionVariable(option);
  return [
    ...(options?.statsdAddress === undefined ? [] : ["agent.options.statsdAddress"]),
    ...(extraOptions?.[option] === undefined ? [] : [`agent.extraOptions["${option}"]`]),
    ...env.flatMap((one, index) => (known(known(one)?.name) === variable ? [`agent.env[${index}]`] : [])),
  ];
}

/** What is allowed of observability but deserves a warning. */
export function observabilityWarnings({
  enforcement,
  observability = {},
}: SigsciIstioIntegrationArgs): string[] {
  const { prometheusRules, proxyStats } = observability;
  return prometheusRules !== undefined &&
    enforcement === Enforcement.EnvoyFilter &&
    (proxyStats === undefined || proxyStats.read === false)
    ? [
        "observability.prometheusRules: with enforcement EnvoyFilter Istio's own metrics do not tell which requests " +
          "were sent to the agent, so there is no alert for those that pass uninspected. Add " +
          "observability.proxyStats: {}.",
      ]
    : [];
}
