import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * What makes visible whether requests are inspected, in Prometheus and Grafana. Each part is for itself, and there is
 * none unless it is given; `{}` gives it with its defaults.
 */
export interface ObservabilityArgs {
  /** Alerts, as a PrometheusRule of the Prometheus Operator. @default none */
  prometheusRules?: PrometheusRulesArgs;

  /** A Grafana dashboard, as a ConfigMap that the sidecar of Grafana's chart finds. @default none */
  dashboard?: DashboardArgs;

  /**
   * The agent's own metrics for Prometheus: an exporter beside the agent, with a port of its Service and a PodMonitor. Not
   * with placement Sidecar, where the pods are the applications'.
   *
   * @default none
   */
  agentMetrics?: AgentMetricsArgs;

  /**
   * The proxies' own counters of checks, from which the alerts and the dashboard then read. The mesh must expose them:
   * the output `proxyStatsYaml` says how.
   *
   * @default none: alerts and dashboard read what Istio exposes by itself
   */
  proxyStats?: ProxyStatsArgs;
}

/**
 * Alerts about the component's own agent, targets, fail mode and timeout. In teardown there are none.
 *
 * Prometheus Operator: [PrometheusRule](https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule).
 */
export interface PrometheusRulesArgs {
  /**
   * Whether the PrometheusRule is created. Where the Prometheus Operator does not run, `false` leaves it to the output
   * `prometheusRulesYaml`, a rule file of Prometheus itself.
   *
   * @default true
   */
  create?: boolean;

  /**
   * Labels of the PrometheusRule, by which Prometheus finds it: those of its `ruleSelector`, such as
   * `release: kube-prometheus-stack`.
   *
   * @default none
   */
  labels?: Record<string, pulumi.Input<string>>;

  /**
   * Namespace of the PrometheusRule, one of Prometheus' `ruleNamespaceSelector`. Needed with placement Sidecar.
   *
   * @default the agent's namespace
   */
  namespace?: pulumi.Input<string>;

  /**
   * Labels of each alert, next to `severity` and `sigsci_component`: by them Alertmanager routes it.
   *
   * @default none
   */
  alertLabels?: Record<string, string>;

  /**
   * Address of a copy of this package's docs/metrics.md, to which the annotation `runbook_url` adds the anchor of the
   * alert's paragraph.
   *
   * @default "pulumi-sigsci-istio/docs/metrics.md": where it is in node_modules
   */
  runbookUrl?: string;
}

/**
 * A Grafana dashboard of the component's own agent and targets.
 *
 * Grafana's chart: [Sidecar for dashboards](https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards).
 */
export interface DashboardArgs {
  /**
   * Labels of the ConfigMap, by which Grafana's sidecar finds it.
   *
   * @default { grafana_dashboard: "1" }
   */
  labels?: Record<string, pulumi.Input<string>>;

  /**
   * Annotations of the ConfigMap, such as `grafana_folder`.
   *
   * @default none
   */
  annotations?: Record<string, pulumi.Input<string>>;

  /**
   * Namespace of the ConfigMap. Needed with placement Sidecar.
   *
   * @default the agent's namespace
   */
  namespace?: pulumi.Input<string>;
}

/**
 * An exporter in the agent's pods, to which the agent sends its metrics by StatsD, and from which Prometheus scrapes them.
 *
 * statsd_exporter: [README](https://github.com/prometheus/statsd_exporter#readme).
 */
export interface AgentMetricsArgs {
  /**
   * Image of statsd_exporter, with its tag. Pin it with `digest` too, from your registry: none is built in.
   *
   * @default "prom/statsd-exporter:v0.30.0"
   */
  image?: pulumi.Input<string>;

  /**
   * Digest of the image, `sha256:` and 64 lower-case hexadecimal digits.
   *
   * @default none
   */
  digest?: pulumi.Input<string>;

  /**
   * Port from which Prometheus scrapes, of the pods and of the agent's Service.
   *
   * @default 9102
   */
  port?: number;

  /**
   * Resources of the exporter's container.
   *
   * @default requests of 10m CPU and 32Mi, a limit of 64Mi
   */
  resources?: pulumi.Input<k8s.types.input.core.v1.ResourceRequirements>;

  /** The PodMonitor, by which the Prometheus Operator finds the pods. */
  podMonitor?: PodMonitorArgs;
}

/**
 * The PodMonitor of the agent's pods, in their namespace.
 *
 * Prometheus Operator: [PodMonitor](https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor).
 */
export interface PodMonitorArgs {
  /**
   * Whether it is created. Where the Prometheus Operator does not run, set it to false and scrape the port `metrics` of the
   * agent's pods with `job` as `<namespace>/<agent>`, for example `sigsci/waf-agent`, which the alerts look for.
   *
   * @default true
   */
  create?: boolean;

  /**
   * Labels of the PodMonitor, by which Prometheus finds it: those of its `podMonitorSelector`.
   *
   * @default none
   */
  labels?: Record<string, pulumi.Input<string>>;
}

/**
 * The proxies' own counters of checks. Istio's proxies keep most counters to themselves; which they expose they learn
 * when they start. A workload that the component patches (placement Sidecar, `workload` of a target) gets the annotation
 * `proxy.istio.io/config` for that, unless it has one.
 *
 * Istio: [Envoy Statistics](https://istio.io/latest/docs/ops/configuration/telemetry/envoy-stats/).
 */
export interface ProxyStatsArgs {
  /**
   * Whether alerts and dashboard read the counters. `false` gives only the output `proxyStatsYaml`, for the time until
   * all proxies were restarted.
   *
   * @default true
   */
  read?: boolean;
}
