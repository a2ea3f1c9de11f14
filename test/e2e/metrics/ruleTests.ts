import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { Enforcement, Placement, type SigsciIstioIntegrationArgs } from "../../../src";
import { observe } from "./rules";

/*
 * What the rig cannot show: other placements, a log that the agent does not read, two components in one namespace, and
 * the years that a version takes to lose its support.
 */

/** Series by their values at each minute, in promtool's notation, and the alerts that fire at the end. */
interface Case {
  readonly name: string;
  readonly rules: readonly string[];
  /** Default: a minute. */
  readonly interval?: string;
  readonly series: Readonly<Record<string, string>>;
  /** Expected alerts at a time, each as `component alert namespace`. */
  readonly firing: Readonly<Record<string, readonly string[]>>;
}

const web = 'namespace="shop",pod="web-0"';
const cart = 'namespace="shop",pod="cart-0"';
const rising = "0+60x40";
const flat = "0+0x40";
const stopped = (minutes: number): string => `0+60x${minutes} ${60 * minutes}+0x40`;

function agentCluster(pod: string, agent: string, counter: string): string {
  return `envoy_cluster_${counter}{${pod},cluster_name="outbound|9999||${agent}.sigsci.svc.cluster.local"}`;
}

function streams(counter: string): string {
  return `envoy_http_ext_proc_sigsci_agent_${counter}{${web}}`;
}

function autoscaler(name: string, ...more: string[]): string {
  const own = ['namespace="sigsci"', 'horizontalpodautoscaler="scaled-agent"', ...more];
  return `kube_horizontalpodautoscaler_${name}{${own.join(",")}}`;
}

const cases: readonly Case[] = [
  {
    name: "access-log entries that are dropped, and no others",
    rules: ["waf"],
    series: {
      [`envoy_access_logs_grpc_access_log_logs_dropped{${web}}`]: "0+0x20 0+5x20",
      [agentCluster(web, "waf-agent", "upstream_rq_completed")]: rising,
    },
    firing: { "15m": [], "30m": ["waf SigsciAccessLogDropped shop"] },
  },
  {
    name: "requests that are refused for want of an answer, with Istio's own metrics, and blocks that are none of them",
    rules: ["closed"],
    series: {
      [`istio_requests_total{${web},destination_app="web",response_code="403",response_flags="UAEX"}`]:
        "0+0x20 0+5x20",
      [`istio_requests_total{${web},destination_app="web",response_code="406",response_flags="UAEX"}`]:
        rising,
    },
    firing: {
      "15m": ["closed SigsciBlocksRising shop"],
      "25m": ["closed SigsciBlocksRising shop", "closed SigsciRequestsRefused shop"],
    },
  },
  {
    name: "of two components with targets in one namespace the one whose agent gives no answer",
    rules: ["waf", "second"],
    series: {
      [`envoy_http_ext_authz_ok{${web}}`]: stopped(10),
      [`envoy_http_ext_authz_denied{${web}}`]: flat,
      [`envoy_http_ext_authz_error{${web}}`]: "0+0x10 0+60x30",
      [agentCluster(web, "waf-agent", "upstream_rq_completed")]: rising,
      [agentCluster(web, "second-agent", "upstream_rq_completed")]: flat,
      [`envoy_http_ext_authz_ok{${cart}}`]: rising,
      [`envoy_http_ext_authz_denied{${cart}}`]: flat,
      [`envoy_http_ext_authz_error{${cart}}`]: flat,
      [agentCluster(cart, "second-agent", "upstream_rq_completed")]: rising,
      [agentCluster(cart, "waf-agent", "upstream_rq_completed")]: flat,
    },
    firing: { "9m": [], "20m": ["waf SigsciRequestsUninspected shop"] },
  },
  {
    name: "an agent that is missing on a node",
    rules: ["nodes"],
    series: {
      'kube_daemonset_status_number_unavailable{namespace="sigsci",daemonset="nodes-agent"}': "0x10 1x30",
      [`envoy_http_rbac_istio_ext_authz_{${web},authz_dry_run_result="denied"}`]: rising,
    },
    firing: { "9m": [], "20m": ["nodes SigsciAgentGone ", "nodes SigsciRequestsUninspected shop"] },
  },
  {
    name: "an agent that is not ready in one of two pods, and no pod that has ended",
    rules: ["pods"],
    series: {
      [`kube_pod_init_container_status_ready{${web},container="sigsci-agent"}`]: "1x10 0x30",
      [`kube_pod_init_container_status_ready{${cart},container="sigsci-agent"}`]: "1x40",
      'kube_pod_init_container_status_ready{namespace="shop",pod="job-0",container="sigsci-agent"}': "0x40",
      [`kube_pod_status_phase{${web},phase="Running"}`]: "1x40",
      [`kube_pod_status_phase{${cart},phase="Running"}`]: "1x40",
      'kube_pod_status_phase{namespace="shop",pod="job-0",phase="Running"}': "0x40",
      [`envoy_http_rbac_istio_ext_authz_{${web},authz_dry_run_result="denied"}`]: rising,
    },
    firing: { "9m": [], "20m": ["pods SigsciAgentGone ", "pods SigsciRequestsUninspected shop"] },
  },
  {
    name: "an EnvoyFilter's own counters, with the agent in the pod",
    rules: ["filter"],
    series: {
      [`envoy_http_ext_authz_sigsci_agent_ok{${web}}`]: stopped(10),
      [`envoy_http_ext_authz_sigsci_agent_denied{${web}}`]: flat,
      [`envoy_http_ext_authz_sigsci_agent_error{${web}}`]: "0+0x10 0+60x30",
      [`envoy_cluster_sigsci_agent_grpc_9999_upstream_rq_completed{${web}}`]: rising,
    },
    firing: { "9m": [], "20m": ["filter SigsciRequestsUninspected shop"] },
  },
  {
    name: "streams of external processing that break, are too late, or are answered by a block",
    rules: ["stream", "strict"],
    series: {
      [streams("streams_started")]: "0+60x60",
      [streams("streams_failed")]: "0+0x10 0+3x10 30+0x40",
      [streams("message_timeouts")]: flat,
      [streams("failure_mode_allowed")]: flat,
      [streams("immediate_responses_sent")]: "0+0x10 0+3x10 30+5x40",
      [agentCluster(web, "stream-ext-proc-agent", "upstream_rq_completed")]: "0+60x60",
      [agentCluster(web, "strict-ext-proc-agent", "upstream_rq_completed")]: "0+60x60",
    },
    firing: {
      "9m": [],
      // Of the second, which fails closed, Envoy has counted its own refusals among the answers.
      "20m": ["stream SigsciRequestsUninspected shop", "strict SigsciRequestsRefused shop"],
      "40m": ["stream SigsciBlocksRising shop", "strict SigsciBlocksRising shop"],
    },
  },
  {
    name: "a pod whose proxy sends nothing to the agent, beside one that does",
    rules: ["waf"],
    series: {
      [`istio_requests_total{${web},destination_app="web",reporter="destination",response_flags="-"}`]:
        "0+60x60",
      'istio_requests_total{namespace="shop",pod="web-1",destination_app="web",reporter="destination",response_flags="-"}':
        "0+60x60",
      [`envoy_http_rbac_istio_ext_authz_{${web},authz_dry_run_result="denied"}`]: "0+60x60",
      'envoy_http_rbac_istio_ext_authz_{namespace="shop",pod="web-1",authz_dry_run_result="denied"}':
        "0+0x60",
    },
    firing: { "10m": [], "30m": ["waf SigsciNoChecks shop"] },
  },
  {
    name: "an agent that counts nothing of what it is sent, and one that is slow by its own count",
    rules: ["agent"],
    series: {
      [`istio_requests_total{${web},destination_app="web",reporter="destination",response_flags="-"}`]:
        "0+60x60",
      [`envoy_http_rbac_istio_ext_authz_{${web},authz_dry_run_result="denied"}`]: "0+60x60",
      'sigsci_agent_waf_total{job="sigsci/agent-agent"}': "0+60x20 1200+0x40",
      'sigsci_agent_waf_total{job="sigsci/waf-agent"}': "0+60x60",
      'sigsci_agent_waf_perf_decision_time_ms{job="sigsci/agent-agent",quantile="0.95"}': "20x20 150x40",
    },
    firing: {
      "19m": [],
      "34m": ["agent SigsciAgentSlow "],
      "50m": ["agent SigsciAgentSlow ", "agent SigsciNoChecks shop"],
    },
  },
  {
    name: "an autoscaler that wants more than its most, none that wants less than its fewest, and one that is blind",
    rules: ["scaled"],
    series: {
      [autoscaler("status_condition", 'condition="ScalingLimited",status="true"')]: "1x60",
      [autoscaler("status_condition", 'condition="ScalingActive",status="false"')]: "0x59 1x40",
      [autoscaler("status_current_replicas")]: "2x19 6x20 5x60",
      [autoscaler("spec_max_replicas")]: "6x100",
    },
    firing: {
      "34m": [],
      "36m": ["scaled SigsciAutoscalerLimited "],
      "45m": [],
      "76m": ["scaled SigsciAutoscalerLimited "],
    },
  },
  {
    name: "the end of support of version 4.84.0, which is on 2029-01-31",
    rules: ["waf"],
    interval: "30d",
    series: {},
    // Days since 1970; promtool looks every 30 days.
    firing: {
      "21480d": [],
      "21510d": ["waf SigsciAgentVersionEnding "],
      "21600d": ["waf SigsciAgentVersionEnded "],
    },
  },
];

const components: Readonly<Record<string, Partial<SigsciIstioIntegrationArgs>>> = {
  waf: { observability: { proxyStats: {} } },
  second: { observability: { proxyStats: {} } },
  agent: { observability: { agentMetrics: {} } },
  closed: { inspection: { failOpen: false } },
  scaled: { agent: { expectResponseData: false, autoscaling: { maxReplicas: 6 } } },
  nodes: { placement: Placement.NodeLocal },
  pods: { placement: Placement.Sidecar },
  stream: { enforcement: Enforcement.ExternalProcessing, observability: { proxyStats: {} } },
  strict: {
    enforcement: Enforcement.ExternalProcessing,
    inspection: { failOpen: false },
    observability: { proxyStats: {} },
  },
  filter: {
    placement: Placement.Sidecar,
    enforcement: Enforcement.EnvoyFilter,
    observability: { proxyStats: {} },
  },
};

/**
 * Writes the rules of some components and what they should do, as promtool reads it.
 *
 * @returns paths of the files with the tests
 */
export async function writeRuleTests(folder: string): Promise<string[]> {
  for (const [name, { observability, ...args }] of Object.entries(components)) {
    const prometheusRules = { create: false };
    const { rules } = await observe(name, { ...args, observability: { ...observability, prometheusRules } });
    writeFileSync(join(folder, `${name}.yml`), rules);
  }
  return cases.map((one, index) => {
    const file = join(folder, `case-${index}.yml`);
    writeFileSync(file, stringify(ruleTest(one)));
    return file;
  });
}

function ruleTest({ name, rules, series, firing, interval = "1m" }: Case): object {
  return {
    rule_files: rules.map((rule) => `${rule}.yml`),
    evaluation_interval: interval,
    tests: [
      {
        name,
        interval,
        input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
        promql_expr_test: Object.entries(firing).map(([time, alerts]) => ({
          eval_time: time,
          expr: 'count by (sigsci_component, alertname, namespace) (ALERTS{alertstate="firing"})',
          exp_samples: alerts.map((alert) => ({ labels: labelsOf(alert), value: 1 })),
        })),
      },
    ],
  };
}

function labelsOf(alert: string): string {
  const [component, name, namespace] = alert.split(" ");
  const place = namespace ? `,namespace="${namespace}"` : "";
  return `{sigsci_component="${component}",alertname="${name}"${place}}`;
}
