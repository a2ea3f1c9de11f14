import type { MeshFacts } from "./meshFacts";
import type { Protection } from "./protections";
import { SelectorIndex } from "../kubernetes/selectorIndex";
import type { Workload } from "./workloads";

/** `protected`: at least some requests are inspected; `outside`: no proxy of the mesh sees its requests. */
export type CoverageStatus = "protected" | "unprotected" | "outside";

/** What becomes of one workload's requests. */
export interface WorkloadCoverage {
  readonly workload: Workload;
  readonly status: CoverageStatus;
  readonly protections: readonly Protection[];
  /** why it is outside the mesh, or why a policy has no effect on it; else undefined */
  readonly remark: string | undefined;
}

/** The answer to "which workloads are inspected, and which are not?" */
export interface Coverage {
  readonly workloads: readonly WorkloadCoverage[];
  readonly counts: Readonly<Record<CoverageStatus, number>>;
  /** protections that reach none of the given workloads; those by reference are never among them */
  readonly idle: readonly Protection[];
  /** workloads with policies of more than one provider, which Istio denies by default */
  readonly conflicting: readonly WorkloadCoverage[];
}

type Finder = (workload: Workload) => Protection[];

function bySelector(protections: readonly Protection[], rootNamespace: string): Finder {
  const index = new SelectorIndex(
    protections.flatMap((value) => {
      if (value.labels === undefined) {
        return [];
      }
      const namespace = value.namespace === rootNamespace ? undefined : value.namespace;
      return [{ selector: { namespace, labels: value.labels }, value }];
    }),
  );
  return ({ namespace, labels }) => index.matching(namespace, labels);
}

function byReference(protections: readonly Protection[]): Finder {
  const found = new Map<string, Protection[]>();
  for (const protection of protections) {
    for (const reference of protection.references) {
      found.set(reference, [...(found.get(reference) ?? []), protection]);
    }
  }
  return ({ dataplane, waypoint, waypointServices, gateway }) => {
    const proxy = dataplane === "ambient" ? waypoint : gateway;
    const references = [
      ...(proxy === undefined ? [] : [`Gateway ${proxy}`]),
      ...(dataplane === "ambient" ? waypointServices : []).map((service) => `Service ${service}`),
    ];
    return [...new Set(references.flatMap((reference) => found.get(reference) ?? []))];
  };
}

function coverWorkload(workload: Workload, selected: Finder, referenced: Finder): WorkloadCoverage {
  if (workload.dataplane === "none") {
    return { workload, status: "outside", protections: [], remark: workload.reason };
  }
  const isAmbient = workload.dataplane === "ambient";
  const protections = [...(isAmbient ? [] : selected(workload)), ...referenced(workload)].filter(
    ({ limits }) => limits.coverage !== "none",
  );
  if (protections.length > 0) {
    return { workload, status: "protected", protections, remark: undefined };
  }
  const remark = isAmbient ? "ambient mode: only a waypoint can inspect" : undefined;
  return { workload, status: "unprotected", protections, remark };
}

function hasTwoProviders({ protections }: WorkloadCoverage): boolean {
  const providers = protections.map(({ provider }) => provider).filter((name) => name !== undefined);
  return new Set(providers).size > 1;
}

/**
 * Matches workloads with what a program protects, as istiod would: a selector counts in its policy's namespace, or
 * everywhere if that is the root namespace; ambient workloads are only reached through their waypoint, and proxies of
 * the Gateway API through their Gateway as well. Takes time
 * proportional to the number of workloads plus that of protections.
 */
export function computeCoverage(
  workloads: readonly Workload[],
  protections: readonly Protection[],
  { rootNamespace }: Pick<MeshFacts, "rootNamespace">,
): Coverage {
  const selected = bySelector(protections, rootNamespace);
  const referenced = byReference(protections);
  const covered = workloads.map((workload) => coverWorkload(workload, selected, referenced));
  const counts = { protected: 0, unprotected: 0, outside: 0 };
  for (const { status } of covered) {
    counts[status] += 1;
  }
  const active = new Set(covered.flatMap((entry) => entry.protections));
  const idle = protections.filter((protection) => protection.labels !== undefined && !active.has(protection));
  return { workloads: covered, counts, idle, conflicting: covered.filter(hasTwoProviders) };
}
