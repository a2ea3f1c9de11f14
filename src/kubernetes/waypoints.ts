import { annotationsOf, at, labelsOf, listAt, namespaceOf, selectorMatches, textAt } from "./liveObject";
import type { LiveObject } from "./liveObject";

/** Label that names the waypoint of a Service, a pod or all in a namespace. */
export const waypointKey = "istio.io/use-waypoint";
/** Label that names a second waypoint, which gets a share of the requests. */
export const canaryKey = `${waypointKey}-canary`;
const waypointFor = "istio.io/waypoint-for";

/** The GatewayClass of Istio's waypoints, the only one that a policy can refer to. */
export const waypointClass = "istio-waypoint";

/** Whether the proxies of a GatewayClass are no Envoy. Source: Istio, pilot/pkg/config/kube/agentgateway. */
export function isAgentgateway(gatewayClass: string | undefined): boolean {
  return gatewayClass?.startsWith("istio-agentgateway") === true;
}

/** A waypoint that requests go through, as `<namespace>/<name>`, and the share of them, in percent. */
export interface UsedWaypoint {
  readonly id: string;
  readonly percent: number;
}

/**
 * The waypoint that a Service or a pod asks for, itself or by its namespace, and the one that the canary labels of a
 * Service put beside it. Source: Istio, pilot/pkg/serviceregistry/ambient/waypoints.go, `fetchWaypointForTarget` and
 * `buildWeightedWaypoints`.
 */
export function waypointsOf(object: LiveObject, namespace: LiveObject | undefined): UsedWaypoint[] {
  const isOwn = labelsOf(object)[waypointKey] !== undefined;
  const sources = isOwn || namespace === undefined ? [object] : [object, namespace];
  const first = named(waypointKey, sources, namespaceOf(object));
  const second = named(canaryKey, sources, namespaceOf(object));
  if (first === undefined) {
    return [];
  }
  const percent = second === first ? undefined : canaryPercent(sources);
  return second === undefined || percent === undefined
    ? [{ id: first, percent: 100 }]
    : [
        { id: first, percent: 100 - percent },
        { id: second, percent },
      ];
}

function named(label: string, sources: readonly LiveObject[], namespace: string): string | undefined {
  const labels = sources.map(labelsOf).find((one) => one[label] !== undefined) ?? {};
  const name = labels[label] ?? "";
  return name === "" || name === "none" ? undefined : `${labels[`${label}-namespace`] ?? namespace}/${name}`;
}

/** Undefined for what is no share: Istio then leaves the canary out. */
function canaryPercent(sources: readonly LiveObject[]): number | undefined {
  const weights = sources.map((one) => annotationsOf(one)[`${canaryKey}-weight`]);
  const weight = weights.find((one) => one !== undefined) ?? "0";
  return /^\+?\d+$/.test(weight) && Number(weight) <= 100 ? Number(weight) : undefined;
}

/** What requests are addressed to: a Service, or a pod itself. */
export type WaypointTraffic = "service" | "workload";

/** A namespace that requests are led from, with its labels. */
interface Origin {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Whether a Gateway takes such requests as a waypoint, from a namespace. Source: the same file,
 * `gatewayToWaypointTransform` and `makeAllowedRoutes`.
 *
 * @param gateway - Undefined when it is not known: it is then taken to be as Istio's command makes it.
 * @param gatewayClass - Its GatewayClass, as far as it is known.
 */
export function takesTraffic(
  gateway: LiveObject | undefined,
  gatewayClass: LiveObject | undefined,
  traffic: WaypointTraffic,
  from: Origin,
): boolean {
  const labels = { ...labelsOf(gatewayClass ?? {}), ...labelsOf(gateway ?? {}) };
  return ["all", traffic].includes(labels[waypointFor] ?? "service") && admits(gateway, from);
}

function admits(gateway: LiveObject | undefined, { name, labels }: Origin): boolean {
  if (gateway === undefined) {
    return true;
  }
  const listener = listAt(gateway, "spec", "listeners").find(
    (one) => textAt(one, "protocol") === "HBONE" && at(one, "port") === 15008,
  );
  const allowed = at(listener, "allowedRoutes", "namespaces");
  switch (textAt(allowed, "from")) {
    case "All":
      return true;
    case "Selector":
      // The API server gives each namespace this label.
      return selectorMatches(at(allowed, "selector"), { ...labels, "kubernetes.io/metadata.name": name });
    default:
      return namespaceOf(gateway) === name;
  }
}
