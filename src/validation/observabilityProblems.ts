import { Enforcement, Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import type { ArgumentProblem } from "./problem";

/** What does not go together in the arguments of observability, or with others. */
export function observabilityProblems({
  observability = {},
  placement,
}: SigsciIstioIntegrationArgs): ArgumentProblem[] {
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
