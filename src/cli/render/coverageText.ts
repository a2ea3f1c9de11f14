import type { Colors } from "../colors";
import type { LeftOut } from "../../render/podSources";
import {
  exceptExcluded,
  type RenderReport,
  type ReportedPolicy,
  type ReportedWorkload,
} from "../../render/report";
import { rowTable, type Row } from "../rowTable";
import { bullet, type Page } from "../textLayout";

/** A policy's name, without the namespace if that is the workload's own. */
function policyName(policy: string, namespace: string): string {
  return policy.startsWith(`${namespace}/`) ? policy.slice(namespace.length + 1) : policy;
}

/** Whether a workload is protected by policies that let every request pass. */
function isObserved({ status, policies }: ReportedWorkload): boolean {
  return status === "protected" && policies.every(({ observed }) => observed === true);
}

/** The requests of a policy in words, and whether they are only looked at. */
export function requestsOf({ limits, observed }: Pick<ReportedPolicy, "limits" | "observed">): string {
  return observed === true ? `${limits.text}; observed, not blocked` : limits.text;
}

function workloadRow(workload: ReportedWorkload, colors: Colors): Row {
  const { namespace, kind, status, remark } = workload;
  const name = `${namespace}/${workload.name}`;
  const because = remark === null ? "" : `: ${remark}`;
  if (status === "outside") {
    return { name, kind, text: `not in the mesh${because}`, paint: colors.dim };
  }
  if (status === "unprotected") {
    return { name, kind, text: `NOT protected${because}`, paint: colors.red };
  }
  const texts = workload.policies.map(
    (policy) => `${policyName(policy.policy, namespace)}: ${requestsOf(policy)}`,
  );
  return { name, kind, text: texts.join("\n"), paint: isObserved(workload) ? colors.yellow : colors.green };
}

function leftOutRow({ namespace, name, kind, reason }: LeftOut, colors: Colors): Row {
  return { name: `${namespace}/${name}`, kind, text: `left out: ${reason}`, paint: colors.dim };
}

function selection({ labels, references }: ReportedPolicy): string {
  if (labels === null) {
    return references.join(", ");
  }
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "all pods" : `pods ${pairs.join(",")}`;
}

function policyRow(policy: ReportedPolicy, colors: Colors): Row {
  return {
    name: policy.policy,
    kind: policy.kind === "EnvoyFilter" ? "EnvoyFilter" : "policy",
    text: `${selection(policy)}${exceptExcluded(policy)}: ${requestsOf(policy)}`,
    paint: colors.reset,
  };
}

/** The counts in one sentence. */
export function coverageSummary({ counts, workloads, leftOut }: RenderReport["coverage"]): string {
  const observed = workloads.filter((workload) => isObserved(workload)).length;
  const looked = observed === 0 ? "" : ` (${observed} observed, not blocked)`;
  const parts = [
    `${counts.protected} of ${workloads.length} workloads protected${looked}`,
    `${counts.unprotected} not protected`,
    ...(counts.outside > 0 ? [`${counts.outside} not in the mesh`] : []),
    ...(leftOut.length > 0 ? [`${leftOut.length} left out`] : []),
  ];
  return parts.join(", ");
}

/** Each workload with what protects it, then what is protected by reference; lines as wide as the page. */
export function coverageText(coverage: RenderReport["coverage"], { colors, width }: Page): string[] {
  const { workloads, leftOut, policies } = coverage;
  if (workloads.length + leftOut.length === 0) {
    const reason = coverage.manifestsGiven
      ? "the given manifests hold nothing that runs pods"
      : "no workload manifests given (--workloads FILE)";
    return [
      ...bullet("  ", `${reason}; the policies select:`, width),
      ...(policies.length === 0
        ? ["  nothing"]
        : rowTable(
            policies.map((policy) => policyRow(policy, colors)),
            width,
          )),
    ];
  }
  const byReference = policies.filter(({ labels }) => labels === null);
  const references =
    byReference.length === 0
      ? []
      : [
          "  by reference:",
          ...rowTable(
            byReference.map((policy) => policyRow(policy, colors)),
            width,
          ),
        ];
  return [
    ...rowTable(
      [
        ...workloads.map((workload) => workloadRow(workload, colors)),
        ...leftOut.map((one) => leftOutRow(one, colors)),
      ],
      width,
    ),
    ...references,
  ];
}
