import { isExcluded } from "../enforcement/excludedPods";
import type { MeshFacts } from "./meshFacts";
import type { Protection } from "./protections";
import type { Injection } from "../kubernetes/injection";
import { hasLabels } from "../kubernetes/liveObject";
import type { LeftOut } from "./podSources";
import type { Way } from "./policyReferences";
import type { Workload, Workloads } from "./workloads";

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

/** A protection without effect, and the workloads that its selector means all the same. */
export interface IdleProtection {
  readonly protection: Protection;
  readonly selected: readonly WorkloadCoverage[];
}

/** The answer to "which workloads are inspected, and which are not?" */
export interface Coverage {
  readonly workloads: readonly WorkloadCoverage[];
  /** what runs pods and is not judged */
  readonly leftOut: readonly LeftOut[];
  /** namespaces that are taken to ask for sidecars, as nothing is known of them */
  readonly assumed: readonly string[];
  /** Gateways of which nothing is known, and on which it rests that a workload is protected */
  readonly unseenGateways: readonly string[];
  readonly counts: Readonly<Record<CoverageStatus, number>>;
  /** protections that reach none of the given workloads; those by reference are never among them */
  readonly idle: readonly IdleProtection[];
  /** workloads with policies of more than one provider, which Istio denies by default */
  readonly conflicting: readonly WorkloadCoverage[];
}

type Finder = (workload: Workload) => Protection[];

/** The protections that mean a workload, by its labels or by reference, whether they reach it or not. */
export function meaning(protections: readonly Protection[], rootNamespace: string): Finder {
  const selected = bySelector(protections, rootNamespace);
  const referenced = byReference(protections, rootNamespace);
  return (workload) => [...selected(workload), ...referenced(workload)];
}

function bySelector(protections: readonly Protection[], rootNamespace: string): Finder {
  // Of thousands of workloads many are in one namespace.
  const inNamespace = new Map<string, readonly Protection[]>();
  const ofNamespace = (namespace: string): readonly Protection[] => {
    const found =
      inNamespace.get(namespace) ??
      protections.filter(
        (protection) =>
          protection.labels !== undefined && [namespace, rootNamespace].includes(protection.namespace),
      );
    inNamespace.set(namespace, found);
    return found;
  };
  return ({ namespace, labels }) =>
    ofNamespace(namespace).filter(({ labels: wanted = {} }) => hasLabels(labels, wanted));
}

function byReference(protections: readonly Protection[], rootNamespace: string): Finder {
  // One for all waypoints counts in the root namespace only.
  const ofRoot = `GatewayClass ${rootNamespace}/`;
  const referring = protections
    .filter(({ references }) => references.length > 0)
    .map((protection) => ({
      protection,
      wanted: protection.references.map((one) => one.replace(ofRoot, "GatewayClass ")),
    }));
  return ({ ways }) =>
    referring.flatMap(({ protection, wanted }) => {
      const reached = ways.filter(({ references }) => references.some((one) => wanted.includes(one)));
      return reached.length === 0 ? [] : [onWays(protection, reached, ways)];
    });
}

/** A protection with the limits that it has where it is in force on some of the ways to a workload only. */
function onWays(protection: Protection, reached: readonly Way[], all: readonly Way[]): Protection {
  if (reached.length === all.length) {
    return protection;
  }
  const shares = new Map<string, number>();
  for (const { through = "", percent } of reached) {
    shares.set(through, (shares.get(through) ?? 0) + percent);
  }
  const names = [...shares].map(([through, percent]) =>
    percent < 100 ? `${through} (${percent} % of its requests)` : through,
  );
  return narrowed(protection, `only through ${names.join(", ")}`);
}

function keyOf({ kind, policy }: Protection): string {
  return `${kind} ${policy}`;
}

/** A protection with one more condition on the requests. */
function narrowed(protection: Protection, condition: string): Protection {
  const { coverage, text } = protection.limits;
  const limits = {
    coverage: "some",
    text: coverage === "all" ? condition : `${text}; ${condition}`,
  } as const;
  return coverage === "none" ? protection : { ...protection, limits };
}

function coverWorkload(workload: Workload, selected: Finder, referenced: Finder): WorkloadCoverage {
  const { injection } = workload;
  if (injection.proxy === "none") {
    return { workload, status: "outside", protections: [], remark: injection.reason };
  }
  const { count, bare } = workload.pods;
  if (count > 0 && bare.length === count) {
    return { workload, status: "unprotected", protections: [], remark: "its running pods have no proxy" };
  }
  const isSelectable = injection.proxy === "sidecar";
  const inForce = [...(isSelectable ? selected(workload) : []), ...referenced(workload)].filter(
    ({ limits }) => limits.coverage !== "none",
  );
  const [other] = inForce.filter((protection) => isForOthers(protection, workload));
  const meant = inForce.filter((protection) => !isForOthers(protection, workload));
  const unanswered = meant.filter((protection) => isWithoutAgent(workload, protection));
  const protections = meant.filter((protection) => !unanswered.includes(protection));
  if (protections.length > 0) {
    const { coverage, text } = workload.capture;
    const captured =
      isSelectable && coverage === "some" ? protections.map((one) => narrowed(one, text)) : protections;
    return { workload, status: "protected", protections: captured, remark: undefined };
  }
  const remark =
    unanswered.length > 0 ? leftOut(unanswered) : (otherProxies(other) ?? remarks[injection.proxy]);
  return { workload, status: "unprotected", protections, remark };
}

/** Whether the proxies in the pods of a workload would ask an agent that these are left without. */
function isWithoutAgent(
  { carriesAgent, labels, injection }: Workload,
  { excludedPods }: Protection,
): boolean {
  return !carriesAgent && injection.proxy !== "ambient" && isExcluded(labels, excludedPods);
}

/** What becomes of the requests that proxies without an agent ask about: one that fails closed refuses them. */
function leftOut(protections: readonly Protection[]): string {
  const modes = protections.map(({ failOpen }) => failOpen);
  const open = "pass uninspected";
  const closed = "are refused";
  const then = modes.includes(false)
    ? closed
    : modes.includes(undefined)
      ? `${open} if the provider fails open, else ${closed}`
      : open;
  return `sidecar.excludedPods leaves its pods without an agent, so the requests that a policy selects ${then}`;
}

/** Whether an EnvoyFilter is for gateways where this is a sidecar, or the other way round. */
function isForOthers({ proxies }: Protection, { isGateway }: Workload): boolean {
  return isGateway !== undefined && proxies !== undefined && (proxies === "gateways") !== isGateway;
}

function otherProxies(other: Protection | undefined): string | undefined {
  if (other === undefined) {
    return undefined;
  }
  return other.proxies === "gateways"
    ? "no gateway: the EnvoyFilter is for gateways, so its target needs kind Workload"
    : "a gateway: the EnvoyFilter is for sidecars, so its target needs kind Gateway";
}

/** Why a selector has no effect. */
const remarks: Partial<Record<Injection["proxy"], string>> = {
  ambient: "ambient mode: only a waypoint can inspect",
  waypoint: "a waypoint: only a policy that refers to it is for it",
};

function hasTwoProviders({ protections }: WorkloadCoverage): boolean {
  const providers = protections.map(({ provider }) => provider).filter((name) => name !== undefined);
  return new Set(providers).size > 1;
}

/**
 * Matches workloads with what a program protects, as istiod would: a selector counts in its policy's namespace, or
 * everywhere if that is the root namespace; ambient workloads are only reached through their waypoint, waypoints only by
 * reference, and other proxies of the Gateway API through their Gateway as well.
 */
export function computeCoverage(
  { workloads, leftOut, assumed }: Workloads,
  protections: readonly Protection[],
  { rootNamespace }: Pick<MeshFacts, "rootNamespace">,
): Coverage {
  const selected = bySelector(protections, rootNamespace);
  const referenced = byReference(protections, rootNamespace);
  const covered = workloads.map((workload) => coverWorkload(workload, selected, referenced));
  const counts = { protected: 0, unprotected: 0, outside: 0 };
  for (const { status } of covered) {
    counts[status] += 1;
  }
  const active = new Set(covered.flatMap((entry) => entry.protections.map(keyOf)));
  const idle = protections
    .filter((protection) => protection.labels !== undefined && !active.has(keyOf(protection)))
    .map((protection) => {
      const selects = bySelector([protection], rootNamespace);
      return { protection, selected: covered.filter(({ workload }) => selects(workload).length > 0) };
    });
  const unseen = covered
    .filter(({ status }) => status === "protected")
    .flatMap(({ workload: { ways } }) => ways.flatMap((way) => way.unseen ?? []));
  return {
    workloads: covered,
    leftOut,
    assumed,
    unseenGateways: [...new Set(unseen)],
    counts,
    idle,
    conflicting: covered.filter(hasTwoProviders),
  };
}
