import type { ExcludedPodsArgs } from "../args/sidecar";
import { excludedPodsText } from "../enforcement/excludedPods";
import type { Coverage, CoverageStatus, WorkloadCoverage } from "./coverage";
import type { ExternalMesh } from "./externalMesh";
import type { MeshEdit } from "./meshEdits";
import type { LeftOut } from "./podSources";
import type { Protection } from "./protections";
import type { RequestLimits } from "./requestLimits";
import type { ReportedResource } from "./resourceTree";

/** What one program does. Plain data, free of secrets. */
export interface RenderReport {
  /** version of this shape; it changes when a field goes or changes its meaning */
  readonly version: 1;
  readonly program: { readonly project: string; readonly stack: string };
  /** in order of creation */
  readonly resources: readonly ReportedResource[];
  readonly mesh: {
    /** where the mesh config came from: a file, standard input, or `built-in sample` */
    readonly source: string;
    readonly edits: readonly ReportedMeshEdit[];
    /** components whose providers somebody else is to put into the mesh config */
    readonly external: readonly ExternalMesh[];
  };
  readonly coverage: {
    /** whether workload manifests were given */
    readonly manifestsGiven: boolean;
    readonly counts: Readonly<Record<CoverageStatus, number>>;
    readonly workloads: readonly ReportedWorkload[];
    /** what runs pods and is not judged, with the reason */
    readonly leftOut: readonly LeftOut[];
    readonly policies: readonly ReportedPolicy[];
  };
  /** stack outputs; secrets read `[secret]` */
  readonly outputs: unknown;
  readonly warnings: readonly ReportedWarning[];
  readonly notes: readonly string[];
  /** what `--out` wrote, or null */
  readonly written: WrittenManifests | null;
}

/** A mesh edit with null for what is not there. */
export type ReportedMeshEdit = Omit<MeshEdit, "before" | "after"> & {
  readonly before: string | null;
  readonly after: string | null;
};

/** One workload of the given manifests. */
export interface ReportedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly status: CoverageStatus;
  readonly policies: readonly {
    readonly policy: string;
    readonly provider: string | null;
    readonly limits: RequestLimits;
    /** whether requests pass whatever the agent answers; older documents do not say it */
    readonly observed?: boolean;
  }[];
  readonly remark: string | null;
}

/** One object that sends requests to the agent, with what it selects. */
export interface ReportedPolicy {
  /** `namespace/name` */
  readonly policy: string;
  readonly kind: string;
  readonly provider: string | null;
  /** pod labels; empty for all pods, null if it names gateways or waypoints */
  readonly labels: Readonly<Record<string, string>> | null;
  readonly references: readonly string[];
  readonly limits: RequestLimits;
  /** pods among them that `sidecar.excludedPods` leaves without an agent; older documents do not say it */
  readonly excludedPods?: readonly ExcludedPodsArgs[];
  /** `<component>/<target>` that it was made for, or null */
  readonly target: string | null;
  /** whether requests pass whatever the agent answers; older documents do not say it */
  readonly observed?: boolean;
  /** whether requests pass when the agent does not answer; null if that is not known */
  readonly failOpen: boolean | null;
  /** whether request bodies are inspected too; null if that is not known, and older documents do not say it */
  readonly sendsBodies?: boolean | null;
}

/** A warning of the program or of the render itself. */
export interface ReportedWarning {
  readonly message: string;
  /** URN of the resource it is about, or null */
  readonly resource: string | null;
}

/** What `--out` did. */
export interface WrittenManifests {
  readonly folder: string;
  readonly files: readonly string[];
  /** files of an earlier render that no longer belong there */
  readonly removed: readonly string[];
}

/** The report's form of a mesh edit. */
export function reportMeshEdit(edit: MeshEdit): ReportedMeshEdit {
  return { ...edit, before: edit.before ?? null, after: edit.after ?? null };
}

function reportWorkload({ workload, status, protections, remark }: WorkloadCoverage): ReportedWorkload {
  const { namespace, name, kind } = workload;
  const policies = protections.map(({ policy, provider, limits, observed }) => ({
    policy,
    provider: provider ?? null,
    limits,
    observed,
  }));
  return { namespace, name, kind, status, policies, remark: remark ?? null };
}

function reportPolicy(protection: Protection): ReportedPolicy {
  const { policy, kind, provider, labels, references, limits, excludedPods, target, observed } = protection;
  const { failOpen, sendsBodies } = protection;
  return {
    policy,
    kind,
    provider: provider ?? null,
    labels: labels ?? null,
    references,
    limits,
    excludedPods,
    target: target ?? null,
    observed,
    failOpen: failOpen ?? null,
    sendsBodies: sendsBodies ?? null,
  };
}

/** What is to be said of the pods of a policy that have no agent, behind what it selects. */
export function exceptExcluded({ excludedPods = [] }: Pick<ReportedPolicy, "excludedPods">): string {
  return excludedPods.length === 0 ? "" : `, of which ${excludedPodsText(excludedPods)} have no agent`;
}

/** The report's form of the coverage. */
export function reportCoverage(
  coverage: Coverage,
  protections: readonly Protection[],
  manifestsGiven: boolean,
): RenderReport["coverage"] {
  return {
    manifestsGiven,
    counts: coverage.counts,
    workloads: coverage.workloads.map(reportWorkload),
    leftOut: coverage.leftOut,
    policies: protections.map(reportPolicy),
  };
}
