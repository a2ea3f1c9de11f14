import { TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { gatewayNameLabel } from "../kubernetes/injection";
import { hasLabels } from "../kubernetes/liveObject";

type Labels = Readonly<Record<string, string>>;

/** Proxies of one namespace, or of all of them, that carry labels. */
export interface SelectedProxies {
  /** Their namespace. */
  readonly namespace: string;
  /** Their labels. */
  readonly labels: Labels;
  /** What they are waypoints of, as `<kind>/<name>`; only istiod knows which pods that means. */
  readonly waypointOf?: string;
  /** Whether they are waypoints; undefined when a reference does not say. */
  readonly isWaypoint: boolean | undefined;
  /** Whether the root namespace stands for all namespaces here. */
  readonly spreads: boolean;
}

/** A target whose namespace and labels are known, as far as it names proxies. */
export type ProxyTarget = Pick<TargetArgs, "kind" | "targetRefs"> & {
  namespace: string;
  matchLabels?: Labels;
};

/** The proxies that a target is for. */
export function proxiesOfTarget({
  kind,
  namespace,
  matchLabels,
  targetRefs,
}: ProxyTarget): SelectedProxies[] {
  const isWaypoint = kind === TargetKind.Waypoint;
  return targetRefs === undefined
    ? [proxiesByLabels(namespace, matchLabels ?? {})]
    : targetRefs.map((reference) => proxiesByReference(namespace, reference, isWaypoint));
}

/** The proxies that a selector matches: never waypoints. Source: Istio, pilot/pkg/model/policyattachment.go. */
export function proxiesByLabels(namespace: string, labels: Labels): SelectedProxies {
  return { namespace, labels, isWaypoint: false, spreads: true };
}

/** The proxies of a Gateway, or the waypoints of a Service, of a ServiceEntry or of a class. */
export function proxiesByReference(
  namespace: string,
  { kind, name }: { kind: string; name: string },
  isWaypoint?: boolean,
): SelectedProxies {
  if (kind === "Gateway") {
    return { namespace, labels: { [gatewayNameLabel]: name }, isWaypoint, spreads: false };
  }
  // A class, in the root namespace, is every waypoint.
  const everyOne = kind === "GatewayClass";
  const waypointOf = everyOne ? {} : { waypointOf: `${kind}/${name}` };
  return { namespace, labels: {}, ...waypointOf, isWaypoint: true, spreads: everyOne };
}

/** How selections relate: one holds the other, only the labels of the pods can say, or no proxy is in both. */
export type SelectionOverlap = "certain" | "open" | "none";

/**
 * Whether proxies that are in one selection are in another one too, as far as the selectors alone say.
 *
 * @returns `certain` when what selects the others asks for nothing that the one does not ask for as well.
 */
export function selectionOverlap(
  one: readonly SelectedProxies[],
  other: readonly SelectedProxies[],
  rootNamespace: string | undefined,
): SelectionOverlap {
  const found = new Set(
    one.flatMap((mine) => other.map((theirs) => overlapOfTwo(mine, theirs, rootNamespace))),
  );
  return found.has("certain") ? "certain" : found.has("open") ? "open" : "none";
}

function overlapOfTwo(
  one: SelectedProxies,
  other: SelectedProxies,
  rootNamespace: string | undefined,
): SelectionOverlap {
  const meet =
    one.namespace === other.namespace ||
    [one, other].some(({ namespace, spreads }) => spreads && namespace === rootNamespace);
  const isOtherKind =
    one.isWaypoint !== undefined && other.isWaypoint !== undefined && one.isWaypoint !== other.isWaypoint;
  const contradict = Object.keys(one.labels).some(
    (key) => Object.hasOwn(other.labels, key) && other.labels[key] !== one.labels[key],
  );
  if (!meet || isOtherKind || contradict) {
    return "none";
  }
  const [mine, theirs] = [one.waypointOf, other.waypointOf];
  if (mine !== undefined && theirs !== undefined) {
    return mine === theirs ? "certain" : "none";
  }
  return theirs === undefined && hasLabels(one.labels, other.labels) ? "certain" : "open";
}

/** The proxies in words. */
export function describeProxies({ namespace, matchLabels, targetRefs }: ProxyTarget): string {
  const labels = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const references = (targetRefs ?? []).map(({ kind, name }) => `${kind}/${name}`);
  const selected = [...labels, ...references];
  return `namespace ${namespace}, ${selected.length === 0 ? "all workloads" : selected.join(" ")}`;
}
