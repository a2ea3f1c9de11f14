import { createHash } from "node:crypto";
import { Enforcement, Placement } from "../args/integration";
import { checkRate, isProcessing } from "./checks";
import {
  agentCluster,
  agentMetric,
  endedCounter,
  missingAgents,
  ofAskingPods,
  policyCounter,
  proxies,
  series,
} from "./series";
import type { Watched } from "./watched";

/*
 * Plain objects: Grafana's builder library is 4 MB of modules to import, and what is here are three kinds of panels.
 *
 * Source: Grafana, "JSON model".
 */

/** A dashboard as Grafana imports it. */
export interface Dashboard {
  /** Stable, so that a new version takes the place of the old one. */
  uid: string;
  /** Its name. */
  title: string;
  /** Also says that this package has written it. */
  tags: string[];
  /** The panels. */
  panels: Panel[];
  /** All else. */
  [field: string]: unknown;
}

/** A panel of a dashboard. */
export interface Panel {
  /** What is shown. */
  title: string;
  /** The queries. */
  targets: { refId: string; expr: string; legendFormat: string }[];
  /** All else. */
  [field: string]: unknown;
}

/** What a panel shows: a title, what it means, the unit, and queries by their legends. */
interface View {
  title: string;
  description: string;
  unit: string;
  queries: Record<string, string>;
  /** A line to compare with. */
  limit?: number;
}

/** Tag of every dashboard that this package writes. */
export const dashboardTag = "pulumi-sigsci-istio";

const schemaVersion = 39;
const [panelWidth, panelHeight, panelsInRow] = [12, 8, 2];
const interval = "$__rate_interval";
const datasource = { type: "prometheus", uid: "${datasource}" };

/** The dashboard of a component: a panel for each question that its metrics can answer. */
export function dashboardOf(watched: Watched): Dashboard {
  return {
    uid: `sigsci-${createHash("sha256").update(`${watched.agentNamespace}/${watched.name}`).digest("hex").slice(0, 12)}`,
    title: `Fastly Next-Gen WAF: ${watched.name}`,
    description: `Whether requests are inspected by ${watched.agentName}, and what becomes of them.`,
    tags: [dashboardTag],
    schemaVersion,
    editable: true,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    annotations: { list: [] },
    templating: {
      list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }],
    },
    panels: viewsOf(watched).map(panel),
  };
}

function panel({ title, description, unit, queries, limit }: View, index: number): Panel {
  const steps = [
    { color: "green", value: null },
    ...(limit === undefined ? [] : [{ color: "red", value: limit }]),
  ];
  return {
    id: index + 1,
    type: "timeseries",
    title,
    description,
    datasource,
    gridPos: {
      x: (index % panelsInRow) * panelWidth,
      y: Math.floor(index / panelsInRow) * panelHeight,
      w: panelWidth,
      h: panelHeight,
    },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: "absolute", steps },
        custom: {
          drawStyle: "line",
          fillOpacity: 10,
          showPoints: "never",
          thresholdsStyle: { mode: limit === undefined ? "off" : "line" },
        },
      },
      overrides: [],
    },
    options: {
      legend: { displayMode: "list", placement: "bottom" },
      tooltip: { mode: "multi", sort: "desc" },
    },
    targets: Object.entries(queries).map(([legendFormat, expr], query) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + query),
      datasource,
      expr,
      legendFormat,
    })),
  };
}

function viewsOf(watched: Watched): View[] {
  return [
    ...(watched.proxyStats ? checkViews(watched) : []),
    ...(watched.enforcement === Enforcement.AuthorizationPolicy ? [policyView(watched)] : []),
    // Nothing but the filter's own counters tells of an answer of external processing.
    ...(isProcessing(watched) ? [] : [endedView(watched)]),
    ...(watched.placement === Placement.Sidecar ? [] : [agentView(watched)]),
    ...(watched.agentMetrics ? agentMetricViews(watched) : []),
  ];
}

function checkViews(watched: Watched): View[] {
  const { failOpen, statusOnError, responseData } = watched;
  return [
    {
      title: "Checks",
      description: "What came of the requests that the proxies asked the agent about.",
      unit: "reqps",
      queries: {
        "{{namespace}}: allowed": checkRate(watched, interval, "ok"),
        "{{namespace}}: blocked": checkRate(watched, interval, "denied"),
        "{{namespace}}: no answer": checkRate(watched, interval, "error"),
      },
    },
    {
      title: failOpen ? "Passed uninspected" : "Refused for want of an answer",
      description: failOpen
        ? "Requests that passed because the agent gave no answer in time. It should be 0."
        : `Requests that got ${statusOnError} because the agent gave no answer in time. It should be 0.`,
      unit: "reqps",
      queries: {
        "{{namespace}}": checkRate(watched, interval, failOpen ? "uninspected" : "error"),
      },
    },
    ...(isProcessing(watched) ? [] : [answerTimeView(watched)]),
    ...(responseData ? [accessLogView(watched)] : []),
  ];
}

/** A stream of external processing lasts as long as the request and its response, and tells nothing of the answer. */
function answerTimeView(watched: Watched): View {
  const { timeoutMs } = watched;
  const quantile = (part: number): string =>
    `histogram_quantile(${part}, sum by (le) (rate(${agentCluster(watched, "upstream_rq_time_bucket")}[${interval}])))`;
  return {
    title: "Time of an answer",
    description: `Of the answers that came in time. The line is the timeout of ${timeoutMs} ms.`,
    unit: "ms",
    queries: { "half of them": quantile(0.5), "19 of 20": quantile(0.95), "99 of 100": quantile(0.99) },
    limit: timeoutMs,
  };
}

function accessLogView(watched: Watched): View {
  const rate = (counter: string): string => {
    const entries = series(`envoy_access_logs_grpc_access_log_logs_${counter}`, ...proxies(watched));
    return `sum by (namespace) (${ofAskingPods(watched, `rate(${entries}[${interval}])`)})`;
  };
  return {
    title: "Access-log entries",
    description: "Entries by which the agent learns of responses. None should be dropped.",
    unit: "cps",
    queries: { "{{namespace}}: sent": rate("written"), "{{namespace}}: dropped": rate("dropped") },
  };
}

function policyView(watched: Watched): View {
  const rate = (result: "sent" | "left out"): string =>
    `sum by (namespace) (rate(${policyCounter(watched, result)}[${interval}]))`;
  return {
    title: "Requests by the rules of the targets",
    description:
      "Those that the policies send to the agent, and those that the targets' conditions leave out.",
    unit: "reqps",
    queries: { "{{namespace}}: sent": rate("sent"), "{{namespace}}: left out": rate("left out") },
  };
}

function endedView(watched: Watched): View {
  const { failOpen, statusOnError } = watched;
  return {
    title: failOpen ? "Blocked" : "Blocked or refused",
    description: failOpen
      ? "Requests that the agent blocked, by the status of the answer."
      : `Requests that the agent blocked, and with status ${statusOnError} those for which it gave no answer.`,
    unit: "reqps",
    queries: {
      "{{namespace}}: {{response_code}}": `sum by (namespace, response_code) (rate(${endedCounter(watched)}[${interval}]))`,
    },
  };
}

function agentView(watched: Watched): View {
  return {
    title: "Agent missing",
    description: "1 or more while there is no agent for some of the proxies. From kube-state-metrics.",
    unit: "short",
    queries: { missing: `${missingAgents(watched)} or vector(0)` },
  };
}

function agentMetricViews(watched: Watched): View[] {
  const rate = (counter: string): string => `sum(rate(${agentMetric(watched, counter)}[${interval}]))`;
  const time = (part: string): string =>
    `max(${agentMetric(watched, "perf_decision_time_ms", `quantile="${part}"`)})`;
  return [
    {
      title: "Decisions by the agent's own count",
      description: "Requests that the agent decided on, and those for which it could not.",
      unit: "reqps",
      queries: { allowed: rate("allow"), blocked: rate("block"), error: rate("error") },
    },
    {
      title: "Time of a decision by the agent's own count",
      description: `Of the slowest agent, without the way to it. The line is the timeout of ${watched.timeoutMs} ms.`,
      unit: "ms",
      queries: { "half of them": time("0.50"), "19 of 20": time("0.95"), "99 of 100": time("0.99") },
      limit: watched.timeoutMs,
    },
  ];
}
