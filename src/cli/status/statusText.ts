import type { PodFinding, StatusReport, TargetStatus, WorkloadStatus } from "../../status/report";
import type { Colors } from "../colors";
import { rowTable, type Row } from "../rowTable";
import { bullet, type Page } from "../textLayout";

const podsShown = 3;

/** The report for people: what is proved of each target and of each workload. */
export function statusText(report: StatusReport, { colors, width }: Page): string {
  const { targets, workloads, gaps } = report;
  const meant = workloads.filter(({ status }) => status !== "untargeted");
  const others = workloads.filter(({ status }) => status === "untargeted");
  const section = (title: string, rows: readonly Row[]): string[] =>
    rows.length === 0 ? [] : ["", title, ...rowTable(rows, width)];
  return [
    ...bullet("", summary(report), width),
    ...section(
      "Targets",
      targets.map((target) => targetRow(target, colors)),
    ),
    ...section(
      "Workloads that a target means",
      meant.map((workload) => workloadRow(workload, colors)),
    ),
    ...section(
      "Workloads that no target means",
      others.map((workload) => workloadRow(workload, colors)),
    ),
    ...problems(report).flatMap((text, index) => [
      ...(index === 0 ? [""] : []),
      ...bullet("! ", text, width),
    ]),
    ...(gaps.length === 0 ? [] : [""]),
    "",
  ].join("\n");
}

/** What could not be seen. */
function problems({ gaps, istiods }: StatusReport): string[] {
  return [
    ...istiods.flatMap(({ name, problem }) => (problem === null ? [] : [`istiod ${name}: ${problem}`])),
    ...gaps,
  ];
}

function summary({ cluster, istiods, targets, gaps }: StatusReport): string {
  const inspected = targets.filter(
    ({ status, observed }) => status === "inspected" && observed !== true,
  ).length;
  const observing = targets.filter(({ observed }) => observed === true).length;
  const looked = observing === 0 ? "" : `, ${observing} observed, not blocked`;
  const proxies = istiods.reduce((sum, one) => sum + (one.proxies ?? 0), 0);
  const replicas = `${counted(istiods.length, "replica")} of istiod, ${counted(proxies, "proxy", "proxies")}`;
  return targets.length === 0
    ? `${cluster}: no target of this package was ${gaps.length > 0 ? "seen" : "found"} there (${replicas}).`
    : `${cluster}: ${inspected} of ${counted(targets.length, "target")} inspected${looked} (${replicas}).`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What the agent's verdict does, in place of a word that would promise more. */
const onlyObserved = "observed, not blocked";

function targetRow(
  { component, target, policy, status, observed, findings }: TargetStatus,
  colors: Colors,
): Row {
  const reason = findings.map(({ text }) => text).join("; ");
  const isObserved = observed === true;
  const words = {
    inspected: isObserved ? onlyObserved : "inspected",
    partly: "partly inspected",
    unknown: "not known",
  };
  const text =
    status === "notInspected" ? `NOT inspected${reason === "" ? "" : `: ${reason}`}` : words[status];
  return {
    name: `${component}/${target}`,
    kind: policy.split(" ", 1)[0] ?? "",
    text,
    paint: isObserved ? colors.yellow : paintOf(status, colors),
  };
}

function paintOf(status: WorkloadStatus["status"], colors: Colors): (text: string) => string {
  return {
    inspected: colors.green,
    partly: colors.red,
    notInspected: colors.red,
    unknown: colors.yellow,
    untargeted: colors.dim,
  }[status];
}

function workloadRow(workload: WorkloadStatus, colors: Colors): Row {
  const { namespace, name, kind, status } = workload;
  return {
    name: `${namespace}/${name}`,
    kind,
    text: workloadWords(workload),
    paint: workload.observed === true ? colors.yellow : paintOf(status, colors),
  };
}

/** The status of a workload in words, and what else is known of it. */
export function workloadWords({ status, pods, findings, ...rest }: WorkloadStatus): string {
  const isObserved = rest.observed === true;
  const reasons = findings.map(findingWords);
  const details = [...detailWords({ status, pods, findings, ...rest }), ...counterWords(rest.counters)];
  switch (status) {
    case "untargeted":
      return ["no target", ...reasons].join(": ");
    case "inspected":
      return [`${isObserved ? onlyObserved : "inspected"}: ${details.join(", ")}`, ...reasons].join("\n");
    case "partly":
      return [
        `${isObserved ? `${onlyObserved}:` : "inspected"} ${pods.inspected} of ${pods.total} pods`,
        ...reasons,
        details.join(", "),
      ].join("\n");
    default: {
      const start = status === "unknown" ? "not known" : "NOT inspected";
      return [`${start}: ${reasons.join("; ")}`, ...counterWords(rest.counters)].join("\n");
    }
  }
}

/** A finding in words, with the pods that it is about. */
export function findingWords({ text, pods }: PodFinding): string {
  const more = pods.length > podsShown ? ` and ${pods.length - podsShown} more` : "";
  return pods.length === 0 ? text : `${pods.slice(0, podsShown).join(", ")}${more}: ${text}`;
}

function detailWords({ requests, failOpen, agent, enforcement }: Partial<WorkloadStatus>): string[] {
  const onFailure = failOpen === true ? "fails open" : "fails closed";
  return [
    ...(requests === null || requests === undefined ? [] : [requests]),
    ...(typeof enforcement === "string" ? [`by ${enforcement}`] : []),
    ...(typeof failOpen === "boolean" ? [onFailure] : []),
    ...(typeof agent === "string" ? [`agent ${agent}`] : []),
  ];
}

function counterWords(counters: WorkloadStatus["counters"]): string[] {
  if (counters === null) {
    return [];
  }
  const { checked, blocked, passed, failed, isExact } = counters;
  return isExact
    ? [`checked ${checked}: ${blocked} blocked, ${passed} let through, ${failed} without an answer`]
    : [`sent ${checked} to the agent (the proxies do not expose more, see docs/metrics.md)`];
}
