import { gatewayNameLabel, hasProxy, sidecarCapture } from "../kubernetes/injection";
import {
  at,
  hasLabels,
  labelsOf,
  nameOf,
  namespaceOf,
  textAt,
  type LiveObject,
} from "../kubernetes/liveObject";
import type { Workload } from "../render/workloads";
import { isUnseen, type Finding } from "./finding";
import { agentOf, judgePod, type Judgement, type ProxyView } from "./judgePod";
import type { LivePolicy } from "./policies";
import type { ProxyCheck } from "./proxyConfig";
import { combined, type InspectionStatus, type PodFinding, type WorkloadStatus } from "./report";

/** What is proved of one policy on one workload. */
export interface WorkloadJudgement {
  readonly policy: LivePolicy;
  readonly status: Exclude<InspectionStatus, "untargeted">;
  readonly pods: { readonly total: number; readonly inspected: number };
  readonly findings: readonly PodFinding[];
  /** A filter that asks the agent, where one was seen. */
  readonly check: ProxyCheck | undefined;
  /** Requests that some of the proxies do not ask about, for people. */
  readonly exceptions: readonly string[];
}

/** `<pod>.<namespace>`, by which istiod knows the proxy of a pod. */
export function proxyId(pod: LiveObject): string {
  return `${nameOf(pod)}.${namespaceOf(pod)}`;
}

/** Whether a pod runs and is not about to end. */
function isRunning(pod: LiveObject): boolean {
  const phase = textAt(pod, "status", "phase") ?? "Running";
  return phase === "Running" && at(pod, "metadata", "deletionTimestamp") === undefined;
}

/**
 * The pods whose proxies stand for a workload: its own, or in ambient mode those of the waypoints that requests to it go
 * through.
 */
export function proxyPods(
  { injection, running, ways }: Workload,
  { protection: { labels } }: LivePolicy,
  pods: readonly LiveObject[],
): LiveObject[] {
  if (injection.proxy !== "ambient") {
    return running.filter(isRunning);
  }
  const gateways = ways.flatMap(({ references }) => references.filter((one) => one.startsWith("Gateway ")));
  return labels !== undefined
    ? []
    : pods.filter(isRunning).filter((pod) =>
        gateways.some((gateway) => {
          const [namespace, name = ""] = gateway.slice("Gateway ".length).split("/");
          return namespaceOf(pod) === namespace && hasLabels(labelsOf(pod), { [gatewayNameLabel]: name });
        }),
      );
}

/** Judges a workload that a policy means by each of its pods. */
export function judgeWorkload(
  workload: Workload,
  policy: LivePolicy,
  pods: readonly LiveObject[],
  views: ReadonlyMap<string, ProxyView>,
): WorkloadJudgement {
  const { injection } = workload;
  const isBySelector = policy.protection.labels !== undefined;
  if (injection.proxy === "ambient" && isBySelector) {
    const text = "ambient mode: only a waypoint can inspect";
    return withoutPods(policy, { id: "ambient-without-waypoint", text });
  }
  if (pods.length === 0) {
    const text = injection.proxy === "ambient" ? "no pod of its waypoint runs" : "none of its pods runs";
    return withoutPods(policy, { id: "not-seen", text });
  }
  const judged = pods.map((pod) => ({ name: nameOf(pod), found: judge(workload, pod, policy, views) }));
  const findings = judged.flatMap(({ name, found }) => ("finding" in found ? [{ name, ...found }] : []));
  const checks = judged.flatMap(({ found }) => ("check" in found ? [found.check] : []));
  return {
    policy,
    status: combined(judged.map(({ found }) => statusOf(found))),
    pods: { total: judged.length, inspected: judged.length - findings.length },
    findings: grouped(findings, judged.length),
    // Where one lets everything pass, nobody should think that attacks are blocked.
    check: checks.find(({ observed }) => observed) ?? checks[0],
    exceptions: exceptionsOf(pods.flatMap((pod) => views.get(proxyId(pod)) ?? [])),
  };
}

function exceptionsOf(views: readonly ProxyView[]): string[] {
  const configs = views.flatMap((view) => ("finding" in view ? [] : view.config));
  const ports = [...new Set(configs.flatMap(({ tcpPorts }) => tcpPorts))];
  const routes = [...new Set(configs.flatMap(({ chains }) => chains.flatMap((chain) => chain.routesOff)))];
  return [
    ...(ports.length > 0 ? [`not port ${ports.join(", ")}, which is TCP to the proxy`] : []),
    ...(routes.length > 0 ? [`not route ${routes.join(", ")}, for which the check is switched off`] : []),
  ];
}

function judge(
  { injection }: Workload,
  pod: LiveObject,
  policy: LivePolicy,
  views: ReadonlyMap<string, ProxyView>,
): Judgement {
  if (!hasProxy(pod)) {
    return injection.proxy === "none"
      ? { finding: { id: "no-proxy", text: `no proxy of the mesh: ${injection.reason}` } }
      : { finding: { id: "pod-not-restarted", text: "it has no proxy yet: it was not started again" } };
  }
  const capture = sidecarCapture(pod);
  if (capture.coverage === "none") {
    return { finding: { id: "no-proxy", text: capture.text } };
  }
  const unseen = { finding: { id: "not-seen", text: "its proxy was not looked at" } } as const;
  return judgePod(pod, views.get(proxyId(pod)) ?? unseen, policy);
}

function statusOf(found: Judgement): InspectionStatus {
  if ("check" in found) {
    return "inspected";
  }
  return isUnseen(found.finding) ? "unknown" : "notInspected";
}

function withoutPods(policy: LivePolicy, finding: Finding): WorkloadJudgement {
  return {
    policy,
    status: isUnseen(finding) ? "unknown" : "notInspected",
    pods: { total: 0, inspected: 0 },
    findings: [{ ...finding, pods: [] }],
    check: undefined,
    exceptions: [],
  };
}

/** Each finding once, with the pods that it is about unless these are all. */
function grouped(findings: readonly { name: string; finding: Finding }[], total: number): PodFinding[] {
  const byText = new Map<string, { finding: Finding; pods: string[] }>();
  for (const { name, finding } of findings) {
    const group = byText.get(finding.text) ?? { finding, pods: [] };
    group.pods.push(name);
    byText.set(finding.text, group);
  }
  return [...byText.values()].map(({ finding, pods }) => ({
    ...finding,
    pods: pods.length === total ? [] : pods,
  }));
}

/** Who is asked, and what that and its silence do to requests, as far as it was seen. */
export function seen({
  check,
}: Pick<WorkloadJudgement, "check">): Pick<WorkloadStatus, "observed" | "failOpen" | "agent"> {
  return check === undefined
    ? { observed: null, failOpen: null, agent: null }
    : { observed: check.observed, failOpen: check.failOpen || check.observed, agent: agentOf(check) };
}
