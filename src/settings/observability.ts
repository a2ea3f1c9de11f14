import type {
  AgentMetricsArgs,
  DashboardArgs,
  ObservabilityArgs,
  PodMonitorArgs,
  PrometheusRulesArgs,
  ProxyStatsArgs,
} from "../args/observability";

/** The arguments of the alerts with every default filled in; without a namespace it is the agent's. */
export type PrometheusRulesSettings = Required<Omit<PrometheusRulesArgs, "namespace">> &
  Pick<PrometheusRulesArgs, "namespace">;

/** The arguments of the dashboard with every default filled in; without a namespace it is the agent's. */
export type DashboardSettings = Required<Omit<DashboardArgs, "namespace">> & Pick<DashboardArgs, "namespace">;

/** The arguments of the agent's exporter with every default filled in. */
export interface AgentMetricsSettings
  extends Required<Omit<AgentMetricsArgs, "digest">>, Pick<AgentMetricsArgs, "digest"> {
  /** The PodMonitor. */
  podMonitor: Required<PodMonitorArgs>;
}

/** The parts of observability that are asked for, with every default filled in. */
export interface ObservabilitySettings {
  /** The alerts. */
  prometheusRules?: PrometheusRulesSettings;
  /** The dashboard. */
  dashboard?: DashboardSettings;
  /** The agent's exporter. */
  agentMetrics?: AgentMetricsSettings;
  /** The proxies' own counters. */
  proxyStats?: Required<ProxyStatsArgs>;
}

/** Where the package's documents are, for a reader who has the package only. */
export const defaultRunbookUrl = "pulumi-sigsci-istio/docs/metrics.md";

/** What Grafana's chart looks for. Source: Grafana's chart, `sidecar.dashboards.label` and `labelValue`. */
export const defaultDashboardLabels: Readonly<Record<string, string>> = { grafana_dashboard: "1" };

/** Image of the exporter. */
export const defaultExporterImage = "prom/statsd-exporter:v0.30.0";

/** Port of the exporter. Source: statsd_exporter, `--web.listen-address`. */
export const defaultMetricsPort = 9102;

/** What a handful of metrics takes. No limit of CPU: a scrape that is held up is one that is lost. */
const exporterResources = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } };

/** Fills in every default. Nothing is checked here. */
export function observabilitySettings(args: ObservabilityArgs = {}): ObservabilitySettings {
  const { prometheusRules: rules, dashboard, agentMetrics: metrics, proxyStats } = args;
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
    agentMetrics: metrics && {
      image: metrics.image ?? defaultExporterImage,
      digest: metrics.digest,
      port: metrics.port ?? defaultMetricsPort,
      resources: metrics.resources ?? exporterResources,
      podMonitor: { create: metrics.podMonitor?.create ?? true, labels: metrics.podMonitor?.labels ?? {} },
    },
    proxyStats: proxyStats && { read: proxyStats.read ?? true },
  };
}
