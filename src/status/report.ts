import type { RequestCounters } from "./counters";
import type { Finding } from "./finding";

/** `unknown`: not enough could be seen to say; `untargeted`: no target means it. */
export type InspectionStatus = "inspected" | "partly" | "notInspected" | "unknown" | "untargeted";

/** A finding, and the pods that it is about. */
export interface PodFinding extends Finding {
  /** Names of the pods; empty when it is about all. */
  readonly pods: readonly string[];
}

/** One workload. */
export interface WorkloadStatus {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly status: InspectionStatus;
  /** `<component>/<target>` of each target that means it. */
  readonly targets: readonly string[];
  /** Pods, or those of its waypoint, that were looked at. */
  readonly pods: { readonly total: number; readonly inspected: number };
  /** How its proxies are told, as the target's object says. */
  readonly enforcement: "AuthorizationPolicy" | "EnvoyFilter" | "ExternalProcessing" | null;
  /** Which requests are inspected, for people. */
  readonly requests: string | null;
  /** Whether its proxies let every request pass, whatever the agent answers; null when that was not seen. */
  readonly observed: boolean | null;
  /** Whether its proxies let a request pass when the agent does not answer; null when that was not seen. */
  readonly failOpen: boolean | null;
  /** Host and port of the agent that its proxies ask, or `in the pod`; null when that was not seen. */
  readonly agent: string | null;
  readonly findings: readonly PodFinding[];
  /** What its proxies have counted since they started; null when that was not asked, or not seen. */
  readonly counters: RequestCounters | null;
}

/** One target of a component. */
export interface TargetStatus {
  readonly component: string;
  readonly target: string;
  /** Kind and `<namespace>/<name>` of its object. */
  readonly policy: string;
  readonly status: Exclude<InspectionStatus, "untargeted">;
  /** Whether its requests pass in some of its workloads, whatever the agent answers; null when that was not seen. */
  readonly observed: boolean | null;
  /** What is wrong with the target itself. */
  readonly findings: readonly Finding[];
}

/** A replica of istiod that was asked. */
export interface IstiodStatus {
  readonly name: string;
  /** Number of proxies that are connected to it; null when it did not answer. */
  readonly proxies: number | null;
  /** Why it did not answer. */
  readonly problem: string | null;
}

/** The document that `pulumi-sigsci-istio status --json` prints. */
export interface StatusReport {
  /** Version of this shape; it changes when a field goes or changes its meaning. */
  readonly version: 1;
  /** Address of the API server. */
  readonly cluster: string;
  readonly istiods: readonly IstiodStatus[];
  readonly targets: readonly TargetStatus[];
  readonly workloads: readonly WorkloadStatus[];
  /** What could not be seen, and what would be needed for it. */
  readonly gaps: readonly string[];
  readonly exitCode: 0 | 1 | 3;
}

/** The worst of some: what is wrong for certain comes before what was not seen. */
export function combined(states: readonly InspectionStatus[]): Exclude<InspectionStatus, "untargeted"> {
  const counted = states.filter((state) => state !== "untargeted");
  const first = (["notInspected", "partly", "unknown"] as const).find((state) => counted.includes(state));
  const hasInspected = counted.includes("inspected");
  if (first === "notInspected" && (hasInspected || counted.includes("partly"))) {
    return "partly";
  }
  return first ?? (hasInspected ? "inspected" : "unknown");
}

/** 0 when every target is inspected, 1 when something is not, 3 when not enough was seen to say. */
export function exitCodeOf(targets: readonly TargetStatus[], gaps: number): StatusReport["exitCode"] {
  const states = targets.map(({ status }) => status);
  if (states.some((status) => status === "notInspected" || status === "partly")) {
    return 1;
  }
  return states.length === 0 || states.includes("unknown") || gaps > 0 ? 3 : 0;
}
