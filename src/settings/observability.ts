import type {
  DashboardArgs,
  ObservabilityArgs,
  PrometheusRulesArgs,
  ProxyStatsArgs,
} from "../args/observability";

/** The arguments of the alerts with every default filled in; without a namespace it is the agent's. */
export type PrometheusRulesSettings = Required<Omit<PrometheusRulesArgs, "namespace">> &
  Pick<PrometheusRulesArgs, "namespace">;

/** The arguments of the dashboard with every default filled in; without a namespace it is the agent's. */
export type DashboardSettings = Required<Omit<DashboardArgs, "namespace">> & Pick<DashboardArgs, "namespace">;

/** The parts of observability that are asked for, with every default filled in. */
export interface ObservabilitySettings {
  /** The alerts. */
  prometheusRules?: PrometheusRulesSettings;
  /** The dashboard. */
  dashboard?: DashboardSettings;
  /** The proxies' own counters. */
  proxyStats?: Required<ProxyStatsArgs>;
}

/** Where the package's documents are, for a reader who has the package only. */
export const defaultRunbookUrl = "pulumi-sigsci-istio/docs/metrics.md";

/** What Grafana's chart looks for. Source: Grafana's chart, `sidecar.dashboards.label` and `labelValue`. */
export const defaultDashboardLabels: Readonly<Record<string, string>> = { grafana_dashboard: "1" };

/** Fills in every default. Nothing is checked here. */
export function observabilitySettings(args: ObservabilityArgs = {}): ObservabilitySettings {
  const { prometheusRules: rules, dashboard, proxyStats } = args;
  return {
    prometheusRules: rules && {
      create: rules.create ?? true,
      labels: rules.labels ?? {},
      namespace: rules.namespace,
      alertLabels: rules.alertLabels ?? {},
      runbookUrl: rules.runbookUrl ?? defaultRunbookUrl,
    },
    dashboard: dashboard && {
      labels: dashboard.labels ?? defaultDashboardLabels,
      annotations: dashboard.annotations ?? {},
      namespace: dashboard.namespace,
    },
    proxyStats: proxyStats && { read: proxyStats.read ?? true },
  };
}
