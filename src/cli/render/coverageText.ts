import type { Colors } from "../colors";
import type { RenderReport, ReportedPolicy, ReportedWorkload } from "../../render/report";
import { bullet, columnWidth, fit, GAP, table, WIDTH, wrap } from "../textLayout";

const NAME_LIMIT = 32;
const KIND_LIMIT = 14;

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
  readonly paint: (text: string) => string;
}

/** A policy's name, without the namespace if that is the workload's own. */
function policyName(policy: string, namespace: string): string {
  return policy.startsWith(`${namespace}/`) ? policy.slice(namespace.length + 1) : policy;
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
    ({ policy, limits }) => `${policyName(policy, namespace)}: ${limits.text}`,
  );
  return { name, kind, text: texts.join("\n"), paint: colors.green };
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
    text: `${selection(policy)}: ${policy.limits.text}`,
    paint: colors.reset,
  };
}

function rowTable(rows: readonly Row[]): string[] {
  const names = columnWidth(
    rows.map(({ name }) => name),
    NAME_LIMIT,
  );
  const kinds = columnWidth(
    rows.map(({ kind }) => kind),
    KIND_LIMIT,
  );
  const room = WIDTH - names - kinds - 3 * GAP.length;
  const cells = rows.map(({ name, kind, text, paint }) => [
    fit(name, names),
    fit(kind, kinds),
    wrap(text, room).map(paint).join("\n"),
  ]);
  return table(cells, [names, kinds]).map((line) => GAP + line);
}

/** The counts in one sentence. */
export function coverageSummary({ counts, workloads }: RenderReport["coverage"]): string {
  const parts = [
    `${counts.protected} of ${workloads.length} workloads protected`,
    `${counts.unprotected} not protected`,
    ...(counts.outside > 0 ? [`${counts.outside} not in the mesh`] : []),
  ];
  return parts.join(", ");
}

/** Each workload with what protects it, then what is protected by reference; lines of at most 80 columns. */
export function coverageText(coverage: RenderReport["coverage"], colors: Colors): string[] {
  const { workloads, policies } = coverage;
  if (workloads.length === 0) {
    return [
      ...bullet("  ", "no workload manifests given (--workloads FILE); the policies select:"),
      ...(policies.length === 0
        ? ["  nothing"]
        : rowTable(policies.map((policy) => policyRow(policy, colors)))),
    ];
  }
  const byReference = policies.filter(({ labels }) => labels === null);
  const references =
    byReference.length === 0
      ? []
      : ["  by reference:", ...rowTable(byReference.map((policy) => policyRow(policy, colors)))];
  return [...rowTable(workloads.map((workload) => workloadRow(workload, colors))), ...references];
}
