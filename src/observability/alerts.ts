import { Enforcement, Placement } from "../args/integration";
import type { Alert } from "./alert";
import { blocked, checkRate, checkRates, isProcessing } from "./checks";
import {
  agentCluster,
  agentMetric,
  arrivals,
  endedCounter,
  missingAgents,
  ofAskingPods,
  podsWithoutAgent,
  policyCounter,
  proxies,
  series,
  stuckAutoscaler,
} from "./series";
import { versionUnsupported } from "./versionAlerts";
import type { Watched } from "./watched";

/** Share of the checks that may go without an answer. */
const toleratedShare = 0.01;
/** Part of the timeout that 19 of 20 answers take when the agent counts as slow. */
const slowPart = 0.5;
/** How many times as many blocks as before, and how many at least in 15 minutes, count as a rise. */
const [riseFactor, riseLeast] = [3, 20];

/** The alerts of a component; those without a series to read are left out. */
export function alertsOf(watched: Watched): Alert[] {
  return [
    watched.failOpen ? requestsUninspected(watched) : requestsRefused(watched),
    noChecks(watched),
    agentGone(watched),
    agentSlow(watched),
    autoscalerLimited(watched),
    blocksRising(watched),
    accessLogDropped(watched),
    ...versionUnsupported(watched),
  ].filter(({ expressions }) => expressions.length > 0);
}

/** What happens to a request without an answer of the agent. */
function fate(watched: Watched): string {
  const { failOpen, statusOnError } = watched;
  const late = isProcessing(watched) ? ", with 504 after the timeout" : "";
  return failOpen
    ? "pass without inspection, attacks too"
    : `are refused with status ${statusOnError}${late}, the harmless ones too`;
}

function unanswered(watched: Watched): string[] {
  return watched.proxyStats
    ? [`${checkRate(watched, "5m", "error")} / ${checkRate(watched, "5m", "all")} > ${toleratedShare}`]
    : [];
}

function requestsUninspected(watched: Watched): Alert {
  return {
    name: "SigsciRequestsUninspected",
    severity: "critical",
    expressions: [...unanswered(watched), ...sentToNobody(watched)],
    for: "2m",
    summary: "Requests of namespace {{ $labels.namespace }} pass uninspected",
    description:
      "Proxies ask the WAF agent and get no answer in time. The inspection fails open: these requests " +
      `${fate(watched)}.`,
    anchor: "requests-pass-uninspected",
  };
}

/** Without the proxies' own counters: requests are sent to an agent of which kube-state-metrics knows that it is gone. */
function sentToNobody(watched: Watched): string[] {
  if (watched.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  const sent = `rate(${policyCounter(watched, "sent")}[5m])`;
  return watched.placement === Placement.Sidecar
    ? [
        `sum by (namespace) (${sent} and on (namespace, pod) (${podsWithoutAgent(watched, watched.form)})) > 0`,
      ]
    : [`sum by (namespace) (${sent}) > 0 and on () (${missingAgents(watched)})`];
}

function requestsRefused(watched: Watched): Alert {
  const refused = endedCounter(watched, `response_code="${watched.statusOnError}"`);
  return {
    name: "SigsciRequestsRefused",
    severity: "critical",
    expressions: [
      ...unanswered(watched),
      ...(isProcessing(watched) ? [] : [`sum by (namespace) (rate(${refused}[5m])) > 0`]),
    ],
    for: "2m",
    summary: "Requests of namespace {{ $labels.namespace }} are refused for want of the agent's answer",
    description:
      "Proxies ask the WAF agent and get no answer in time. The inspection fails closed: these requests " +
      `${fate(watched)}.`,
    anchor: "requests-are-refused",
  };
}

function noChecks(watched: Watched): Alert {
  return {
    name: "SigsciNoChecks",
    severity: "critical",
    expressions: [
      ...(watched.targets.every(({ everyRequest }) => everyRequest) ? uncheckedPods(watched) : []),
      ...uncountedChecks(watched),
    ],
    for: "15m",
    summary: "Requests of namespace {{ $labels.namespace }} reach no check",
    description:
      "Requests reach pods of the targets, and either their proxies send none of them to the WAF agent, or the agent " +
      "counts none of them. They pass without inspection, attacks too.",
    anchor: "no-checks",
  };
}

/** Pods with requests of which none is checked. With conditions a target may have pods without any to check. */
function uncheckedPods(watched: Watched): string[] {
  const checks = checksOf(watched);
  return checks === undefined
    ? []
    : arrivals(watched).map(
        (arriving) =>
          `count by (namespace) (sum by (namespace, pod) (rate(${arriving}[10m])) > 0 ` +
          `unless on (namespace, pod) ${checks} > 0)`,
      );
}

/** Requests that the policy sends to the agent, of which the proxies' filter, or else the agent itself, counts none. */
function uncountedChecks(watched: Watched): string[] {
  if (watched.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  const sent = `rate(${policyCounter(watched, "sent")}[10m])`;
  if (watched.proxyStats) {
    const checks = checkRate(watched, "10m", "all");
    return [`sum by (namespace) (${ofAskingPods(watched, sent)}) > 0 and on (namespace) ${checks} == 0`];
  }
  const counted = `sum(rate(${agentMetric(watched, "total")}[10m]))`;
  // Pods of the targets alone: those of another component send to another agent.
  return (watched.agentMetrics ? arrivals(watched) : []).map(
    (arriving) =>
      `sum by (namespace) (${sent} and on (namespace, pod) rate(${arriving}[10m]) > 0) > 0 and on () ${counted} == 0`,
  );
}

function checksOf(watched: Watched): string | undefined {
  if (watched.enforcement === Enforcement.AuthorizationPolicy) {
    return `rate(${policyCounter(watched, "sent")}[10m])`;
  }
  return watched.proxyStats ? checkRates(watched, "10m", "all") : undefined;
}

function agentGone(watched: Watched): Alert {
  const { placement, proxyStats, agentNamespace, agentName } = watched;
  const inPods = placement === Placement.Sidecar;
  const healthy = `${agentCluster(watched, "membership_healthy")} == 0`;
  const where = {
    [Placement.Service]: `Deployment ${agentNamespace}/${agentName} has no available pod`,
    [Placement.NodeLocal]: `DaemonSet ${agentNamespace}/${agentName} lacks pods on some nodes`,
    [Placement.Sidecar]: `container sigsci-agent is not ready in {{ $value }} pods`,
  };
  return {
    name: "SigsciAgentGone",
    severity: "critical",
    expressions: [
      missingAgents(watched),
      ...(proxyStats && !inPods ? [`count(${ofAskingPods(watched, healthy)}) > 0`] : []),
    ],
    for: "2m",
    summary: `The WAF agent is gone: ${where[placement]}`,
    description: `Proxies have no agent to ask${
      placement === Placement.Service ? "" : " there"
    }. Requests of the targets ${fate(watched)}.`,
    anchor: "the-agent-is-gone",
  };
}

function agentSlow(watched: Watched): Alert {
  const { timeoutMs, proxyStats, agentMetrics } = watched;
  const decisionTime = agentMetric(watched, "perf_decision_time_ms", 'quantile="0.95"');
  const bucket = `rate(${agentCluster(watched, "upstream_rq_time_bucket")}[5m])`;
  // A stream lasts as long as the request and its response.
  const byProxies = proxyStats && !isProcessing(watched);
  return {
    name: "SigsciAgentSlow",
    severity: "warning",
    expressions: [
      ...(byProxies ? [`histogram_quantile(0.95, sum by (namespace, le) (${bucket}))`] : []),
      ...(agentMetrics && !byProxies ? [`max(${decisionTime})`] : []),
    ].map((time) => `${time} > ${timeoutMs * slowPart}`),
    for: "10m",
    summary: 'The WAF agent takes {{ $value | printf "%.0f" }} ms of ' + `${timeoutMs} ms`,
    description:
      `1 of 20 answers takes more than half of the timeout of ${timeoutMs} ms. Requests wait that long for ` +
      `their check; those whose check takes longer than the timeout ${fate(watched)}.`,
    anchor: "the-agent-is-slow",
  };
}

function autoscalerLimited(watched: Watched): Alert {
  const { agentNamespace, agentName, maxReplicas } = watched;
  return {
    name: "SigsciAutoscalerLimited",
    severity: "warning",
    expressions: maxReplicas === undefined ? [] : stuckAutoscaler(watched),
    for: "15m",
    summary: `HorizontalPodAutoscaler ${agentNamespace}/${agentName} adds no agents`,
    description:
      `It wants more than its maximum of ${maxReplicas}, or cannot read the CPU use of the pods. As load grows, checks take ` +
      `longer; requests whose check takes longer than the timeout ${fate(watched)}.`,
    anchor: "the-autoscaler-adds-no-agents",
  };
}

function blocksRising(watched: Watched): Alert {
  const recent = blocked(watched, (counter) => `increase(${counter}[15m])`);
  const now = blocked(watched, (counter) => `rate(${counter}[15m])`);
  const before = blocked(watched, (counter) => `rate(${counter}[6h] offset 15m)`);
  return {
    name: "SigsciBlocksRising",
    severity: "info",
    expressions:
      recent === undefined || now === undefined || before === undefined
        ? []
        : [
            `sum by (namespace) (${recent}) > ${riseLeast} unless sum by (namespace) (${now})` +
              ` <= ${riseFactor} * sum by (namespace) (${before})`,
          ],
    for: "5m",
    summary: "The WAF blocks more requests of namespace {{ $labels.namespace }} than before",
    description:
      `More than ${riseFactor} times as many requests are blocked as in the 6 hours before. They do not reach the ` +
      "application: an attack, or a rule that blocks what is harmless.",
    anchor: "blocks-are-rising",
  };
}

function accessLogDropped(watched: Watched): Alert {
  const dropped = series("envoy_access_logs_grpc_access_log_logs_dropped", ...proxies(watched));
  const increase = ofAskingPods(watched, `increase(${dropped}[10m])`);
  return {
    name: "SigsciAccessLogDropped",
    severity: "warning",
    expressions: watched.proxyStats && watched.responseData ? [`sum by (namespace) (${increase}) > 0`] : [],
    for: "5m",
    summary: "Proxies of namespace {{ $labels.namespace }} drop access-log entries",
    description:
      "Requests are inspected and answered as ever, but the agent does not learn how the application answered: what " +
      "it decides by responses, such as many logins that fail, is decided by too few of them.",
    anchor: "access-log-entries-are-dropped",
  };
}
