import { Placement } from "../args/integration";
import { SidecarForm } from "../args/sidecar";
import { TargetKind } from "../args/targets";
import type { Watched, WatchedTarget } from "./watched";

/*
 * Series of Prometheus, in PromQL. `namespace` and `pod` are the labels that Istio's own scrape configuration and the
 * Prometheus Operator give to what a pod exposes.
 */

/** A matcher for one of several values; none when there are no values. */
export function matcher(label: string, values: readonly string[]): string[] {
  const all = [...new Set(values)].sort();
  const [only, ...others] = all;
  if (only === undefined) {
    return [];
  }
  return [
    others.length === 0
      ? `${label}="${only}"`
      : `${label}=~"${all.map((value) => value.replaceAll(".", "[.]")).join("|")}"`,
  ];
}

/** A series with its matchers. */
export function series(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${matchers.join(",")}}`;
}

/** Those that pick the pods of the targets' proxies, as far as their namespaces tell. */
export function proxies({ everyNamespace, targets }: Watched): string[] {
  return everyNamespace
    ? []
    : matcher(
        "namespace",
        targets.map(({ namespace }) => namespace),
      );
}

/** One of the counters that a proxy has of the cluster over which the agent is asked, in a bucket of a histogram too. */
export function agentCluster(watched: Watched, counter: string, ...more: string[]): string {
  const { cluster } = watched;
  // Istio makes a label of the names of its own clusters only; that of an EnvoyFilter's is a part of the metric's name.
  return cluster.includes("|")
    ? series(`envoy_cluster_${counter}`, ...proxies(watched), `cluster_name="${cluster}"`, ...more)
    : series(`envoy_cluster_${sanitized(cluster)}_${counter}`, ...proxies(watched), ...more);
}

/** Envoy's way to make a metric's name of a counter's. */
function sanitized(name: string): string {
  return name.replaceAll(/\W/g, "_");
}

/** Keeps what is of pods whose proxy has asked this component's agent: others may ask another one. */
export function ofAskingPods(watched: Watched, expression: string): string {
  return `${expression} and on (namespace, pod) ${agentCluster(watched, "upstream_rq_completed")} > 0`;
}

/** Requests that a policy sends to the agent, or leaves out: Istio's proxies expose them by default. */
export function policyCounter(watched: Watched, result: "sent" | "left out"): string {
  // Istio asks when a rule that would deny fits.
  const label = `authz_dry_run_result="${result === "sent" ? "denied" : "allowed"}"`;
  return series("envoy_http_rbac_istio_ext_authz_", ...proxies(watched), label);
}

/** Requests that ended in the filter that asks the agent: blocked, or refused for want of an answer. */
export function endedCounter(watched: Watched, ...more: readonly string[]): string {
  return series("istio_requests_total", ...proxies(watched), ...apps(watched.targets), endedFlag, ...more);
}

/** Source: Envoy, access log response flags: denied by the external authorization service. */
const endedFlag = 'response_flags="UAEX"';

/** Requests that reach the targets, for each kind of proxy that counts them. */
export function arrivals(watched: Watched): string[] {
  const reporters = {
    [TargetKind.Workload]: "destination",
    [TargetKind.Gateway]: "source",
    [TargetKind.Waypoint]: "waypoint",
  };
  return Object.values(TargetKind).flatMap((kind) => {
    const targets = watched.targets.filter((target) => target.kind === kind);
    const place = proxies({ ...watched, targets });
    const reporter = `reporter="${reporters[kind]}"`;
    return targets.length === 0 ? [] : [series("istio_requests_total", ...place, ...apps(targets), reporter)];
  });
}

/** Istio's metrics carry one of the labels by which a target may find its pods. */
function apps(targets: readonly WatchedTarget[]): string[] {
  const values = targets.flatMap(({ kind, app }) => (kind === TargetKind.Workload ? (app ?? []) : []));
  return values.length === targets.length ? matcher("destination_app", values) : [];
}

/** One of the agent's own metrics, as its PodMonitor has them scraped. */
export function agentMetric({ agentNamespace, agentName }: Watched, name: string, ...more: string[]): string {
  return series(`sigsci_agent_waf_${name}`, `job="${agentNamespace}/${agentName}"`, ...more);
}

/** 1 or more where there is no agent for a proxy to ask; from kube-state-metrics. */
export function missingAgents(watched: Watched): string {
  const { placement, form, agentNamespace, agentName } = watched;
  const place = `namespace="${agentNamespace}"`;
  switch (placement) {
    case Placement.Service: {
      const available = "kube_deployment_status_replicas_available";
      return `count(${series(available, place, `deployment="${agentName}"`)} == 0)`;
    }
    case Placement.NodeLocal: {
      const unavailable = "kube_daemonset_status_number_unavailable";
      return `sum(${series(unavailable, place, `daemonset="${agentName}"`)}) > 0`;
    }
    case Placement.Sidecar:
      return `count(${podsWithoutAgent(watched, form)})`;
  }
}

/** 1 where the autoscaler wants more agents than it may have, or does not know how many it wants; from kube-state-metrics. */
export function stuckAutoscaler({ agentNamespace, agentName }: Watched): string[] {
  const own = [`namespace="${agentNamespace}"`, `horizontalpodautoscaler="${agentName}"`];
  const about = (name: string, ...more: string[]): string =>
    series(`kube_horizontalpodautoscaler_${name}`, ...own, ...more);
  const isSo = (condition: string, status: string): string =>
    `max(${about("status_condition", `condition="${condition}"`, `status="${status}"`)}) == 1`;
  const [current, most] = [about("status_current_replicas"), about("spec_max_replicas")];
  return [
    `${isSo("ScalingLimited", "true")} and max(${current}) >= max(${most})`,
    isSo("ScalingActive", "false"),
  ];
}

/** Running pods of targets whose own agent is not ready. */
export function podsWithoutAgent(watched: Watched, form: SidecarForm): string {
  const list = form === SidecarForm.NativeSidecar ? "init_container" : "container";
  const ready = series(`kube_pod_${list}_status_ready`, ...proxies(watched), 'container="sigsci-agent"');
  const running = series("kube_pod_status_phase", ...proxies(watched), 'phase="Running"');
  return `${ready} == 0 and on (namespace, pod) ${running} == 1`;
}
