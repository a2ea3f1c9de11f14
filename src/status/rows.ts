import { nameOf, type LiveObject } from "../kubernetes/liveObject";
import { restartCommands } from "../kubernetes/restart";
import { named } from "../preflight/finding";
import type { Workload } from "../render/workloads";
import type { RequestCounters } from "./counters";
import type { Finding } from "./finding";
import { proxyId, seen, type WorkloadJudgement } from "./judgeWorkload";
import type { LivePolicy, NeutralPolicy } from "./policies";
import type { CountersRead } from "./readCounters";
import { combined, type PodFinding, type TargetStatus, type WorkloadStatus } from "./report";

/** A workload, and the policies that mean it. */
export interface MeantWorkload {
  readonly workload: Workload;
  /** Our policies that mean it, each with the pods whose proxies stand for it. */
  readonly proxies: ReadonlyMap<LivePolicy, readonly LiveObject[]>;
  /** Policies of others that send its requests to an authorizer. */
  readonly others: readonly LivePolicy[];
}

/** A workload that has been judged. */
export interface JudgedWorkload extends MeantWorkload {
  readonly judgements: readonly WorkloadJudgement[];
}

/** The row of a workload. */
export function workloadStatus(judged: JudgedWorkload, read: CountersRead | undefined): WorkloadStatus {
  const { workload, judgements, others } = judged;
  const { namespace, name, kind } = workload;
  const [first] = judgements;
  if (first === undefined) {
    return untargeted(workload);
  }
  const pods = [...judged.proxies.values()].flat();
  const counted = read === undefined ? undefined : read.sumOf(pods.map(proxyId));
  const status = combined(judgements.map((one) => one.status));
  const idle = status === "inspected" ? idleFinding(judgements, counted) : [];
  return {
    namespace,
    name,
    kind,
    status: idle.length > 0 ? "unknown" : status,
    targets: judgements.map(({ policy }) => targetName(policy)),
    pods: leastInspected(judgements),
    enforcement: enforcementOf(first.policy),
    requests: requestsOf(workload, judgements),
    ...seen(judgements.find(({ check }) => check !== undefined) ?? first),
    findings: [
      ...distinct(judgements.flatMap(({ findings }) => findings)),
      ...idle,
      ...besides(others),
      ...twice(judgements.map(({ policy }) => policy)),
    ],
    counters: counted === undefined ? null : published(counted),
  };
}

function requestsOf({ capture }: Workload, judgements: readonly WorkloadJudgement[]): string {
  return [
    [...new Set(judgements.map(({ policy }) => policy.protection.limits.text))].join("; or "),
    ...(capture.coverage === "some" ? [capture.text] : []),
    ...new Set(judgements.flatMap(({ exceptions }) => exceptions)),
  ].join("; ");
}

function enforcementOf({ protection, checks }: LivePolicy): WorkloadStatus["enforcement"] {
  return checks.some(({ filter }) => filter === "ext_proc") ? "ExternalProcessing" : protection.kind;
}

function targetName({ owner }: LivePolicy): string {
  return `${owner?.component ?? ""}/${owner?.target ?? ""}`;
}

function untargeted({ namespace, name, kind, running, injection }: Workload): WorkloadStatus {
  return {
    namespace,
    name,
    kind,
    status: "untargeted",
    targets: [],
    pods: { total: running.length, inspected: 0 },
    enforcement: null,
    requests: null,
    observed: null,
    failOpen: null,
    agent: null,
    findings: injection.proxy === "none" ? [{ id: "no-proxy", text: injection.reason, pods: [] }] : [],
    counters: null,
  };
}

/** Where several targets mean a workload, a pod counts that all of them inspect. */
function leastInspected(judgements: readonly WorkloadJudgement[]): WorkloadStatus["pods"] {
  const total = Math.max(...judgements.map(({ pods }) => pods.total));
  return { total, inspected: Math.min(...judgements.map(({ pods }) => pods.inspected)) };
}

function distinct(findings: readonly PodFinding[]): PodFinding[] {
  return [...new Map(findings.map((one) => [one.text, one])).values()];
}

/** A filter is in place, and yet requests go by. */
function idleFinding(
  judgements: readonly WorkloadJudgement[],
  counted: (RequestCounters & { served: number | undefined }) | undefined,
): PodFinding[] {
  const isForAll = judgements.some(({ policy }) => policy.protection.limits.coverage === "all");
  const served = counted?.served ?? 0;
  const text = `its proxies have served ${served} requests and asked the agent about none of them`;
  return isForAll && served > 0 && counted?.checked === 0 ? [{ id: "stats-disagree", text, pods: [] }] : [];
}

function besides(others: readonly LivePolicy[]): PodFinding[] {
  return others.map(({ protection: { kind, policy, provider } }) => ({
    id: "two-authorizers",
    text: `${kind} ${policy} sends its requests to ${provider ?? "another authorizer"} too`,
    pods: [],
  }));
}

/** Policies of one enforcement are one check, or are found by what istiod makes of them. */
function twice(policies: readonly LivePolicy[]): PodFinding[] {
  if (new Set(policies.map(enforcementOf)).size < 2) {
    return [];
  }
  const names = policies.map(({ protection: { kind, policy } }) => `${kind} ${policy}`);
  const text = `${names.join(" and ")} each ask an agent about its requests`;
  return [{ id: "two-enforcements", text, pods: [] }];
}

function published({ checked, blocked, passed, failed, isExact }: RequestCounters): RequestCounters {
  return { checked, blocked, passed, failed, isExact };
}

/** The row of a target. */
export function targetStatus(
  policy: LivePolicy,
  judged: readonly JudgedWorkload[],
  rows: readonly WorkloadStatus[],
  hasGaps: boolean,
): TargetStatus {
  const meant = judged.flatMap(({ judgements, workload }, index) =>
    judgements.filter((one) => one.policy === policy).map((one) => ({ ...one, workload, index })),
  );
  // A job that has ended, or a Deployment without replicas, serves no requests.
  const serving = meant.filter(
    ({ pods, workload }) => pods.total > 0 || workload.injection.proxy === "ambient",
  );
  const own = (serving.length > 0 ? serving : meant)
    // What the counters say is said of the workload.
    .map(({ status, index }) =>
      status === "inspected" && rows[index]?.status === "unknown" ? "unknown" : status,
    );
  const checks = meant.flatMap(({ check }) => check ?? []);
  const { kind, policy: id } = policy.protection;
  const nothing: Finding = hasGaps
    ? { id: "not-seen", text: "it selects no workload that could be listed" }
    : { id: "selects-nothing", text: "it selects no workload of the cluster" };
  return {
    component: policy.owner?.component ?? "",
    target: policy.owner?.target ?? "",
    policy: `${kind} ${id}`,
    status: own.length === 0 ? (hasGaps ? "unknown" : "notInspected") : combined(own),
    observed: checks.length === 0 ? null : checks.some(({ observed }) => observed),
    findings: own.length === 0 ? [nothing] : [],
  };
}

/** The row of a target whose policy asks nobody. */
export function neutralTarget({ owner, id, heldBack }: NeutralPolicy): TargetStatus {
  const finding: Finding =
    heldBack === undefined
      ? { id: "no-policy-in-the-proxy", text: "its policy is switched off, as `teardown: true` does" }
      : {
          id: "held-back",
          text: `its policy is held back ${heldBack.until}; ${missingIn(heldBack.awaited)}`,
        };
  return { ...owner, policy: id, status: "notInspected", observed: null, findings: [finding] };
}

function missingIn(awaited: readonly LiveObject[]): string {
  return awaited.length === 0
    ? "all that count carry it now: run `pulumi up`"
    : `it is missing in ${named(awaited.map(nameOf))}: ${restartCommands(awaited).join("; ")}`;
}
