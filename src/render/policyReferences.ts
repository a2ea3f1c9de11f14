import { gatewayNameLabel, type Injection } from "../kubernetes/injection";
import { hasLabels, textAt, textMapAt } from "../kubernetes/liveObject";
import { apiGroupOf } from "../kubernetes/podTemplates";
import type { ClusterObject } from "./clusterObjects";
import type { PodSource } from "./podSources";

type Labels = Readonly<Record<string, string>>;

/** What of a cluster leads requests to the proxies that policies refer to. */
export interface Routing {
  /** labels by namespace */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** by namespace */
  readonly services: ReadonlyMap<string, readonly ClusterObject[]>;
  /** class of each Gateway of the Gateway API, by `namespace/name` */
  readonly gatewayClasses: ReadonlyMap<string, string>;
}

const waypointLabel = "istio.io/use-waypoint";
const waypointClass = "istio-waypoint";

/** Reads the routing from manifest objects. */
export function routingIn(objects: readonly ClusterObject[], defaultNamespace: string): Routing {
  const services = new Map<string, ClusterObject[]>();
  const namespaces = new Map<string, Labels>();
  const gatewayClasses = new Map<string, string>();
  for (const object of objects) {
    const { apiVersion, kind, name, manifest, namespace = defaultNamespace } = object;
    if (kind === "Namespace" && !namespaces.has(name)) {
      namespaces.set(name, textMapAt(manifest, "metadata", "labels"));
    } else if (kind === "Service" && apiGroupOf(apiVersion) === "") {
      services.set(namespace, [...(services.get(namespace) ?? []), object]);
    } else if (kind === "Gateway" && apiGroupOf(apiVersion) === "gateway.networking.k8s.io") {
      gatewayClasses.set(`${namespace}/${name}`, textAt(manifest, "spec", "gatewayClassName") ?? "");
    }
  }
  return { services, namespaces, gatewayClasses };
}

/**
 * The `targetRefs` of policies that reach a workload's requests, each as `Kind namespace/name`, a GatewayClass as
 * `GatewayClass name`. Ambient workloads are reached through their waypoint: their own, their namespace's, or that of a
 * Service that selects them; other proxies of the Gateway API through their Gateway.
 */
export function referencesTo(
  { namespace, labels }: Pick<PodSource, "namespace" | "labels">,
  { proxy }: Injection,
  { namespaces, services, gatewayClasses }: Routing,
): string[] {
  const classOf = (gateway: string): string => `GatewayClass ${gatewayClasses.get(gateway) ?? waypointClass}`;
  if (proxy !== "ambient") {
    const name = labels[gatewayNameLabel];
    const gateway = `${namespace}/${name ?? ""}`;
    return name === undefined
      ? []
      : [`Gateway ${gateway}`, ...(proxy === "waypoint" ? [classOf(gateway)] : [])];
  }
  const ofNamespace = namespaces.get(namespace) ?? {};
  const through = (services.get(namespace) ?? []).flatMap(({ name, manifest }) => {
    const selector = textMapAt(manifest, "spec", "selector");
    const isSelected = Object.keys(selector).length > 0 && hasLabels(labels, selector);
    const waypoint = waypointOf(namespace, textMapAt(manifest, "metadata", "labels"), ofNamespace);
    return isSelected && waypoint !== undefined ? [{ name, waypoint }] : [];
  });
  const own = waypointOf(namespace, labels, ofNamespace);
  const waypoints = new Set([
    ...(own === undefined ? [] : [own]),
    ...through.map(({ waypoint }) => waypoint),
  ]);
  return [
    ...[...waypoints].map((waypoint) => `Gateway ${waypoint}`),
    ...through.map(({ name }) => `Service ${namespace}/${name}`),
    ...new Set([...waypoints].map(classOf)),
  ];
}

/** Source: Istio, pilot/pkg/serviceregistry/ambient/waypoints.go, `fetchWaypointForTarget`. */
function waypointOf(namespace: string, labels: Labels, namespaceLabels: Labels): string | undefined {
  const holder = labels[waypointLabel] === undefined ? namespaceLabels : labels;
  const name = holder[waypointLabel];
  if (name === undefined || name === "none") {
    return undefined;
  }
  return `${holder[`${waypointLabel}-namespace`] ?? namespace}/${name}`;
}
