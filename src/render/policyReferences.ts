import { gatewayNameLabel, type Injection } from "../kubernetes/injection";
import { hasLabels, idOf, labelsOf, textAt, textMapAt, type LiveObject } from "../kubernetes/liveObject";
import { apiGroupOf } from "../kubernetes/podTemplates";
import { isAgentgateway, takesTraffic, waypointClass, waypointsOf } from "../kubernetes/waypoints";
import type { WaypointTraffic } from "../kubernetes/waypoints";
import { placed, type ClusterObject } from "./clusterObjects";
import type { PodSource } from "./podSources";

/** What of a cluster leads requests to the proxies that policies refer to. */
export interface Routing {
  readonly namespaces: ReadonlyMap<string, LiveObject>;
  /** by namespace */
  readonly services: ReadonlyMap<string, readonly LiveObject[]>;
  /** those of the Gateway API, by `namespace/name` */
  readonly gateways: ReadonlyMap<string, LiveObject>;
  readonly gatewayClasses: ReadonlyMap<string, LiveObject>;
}

/** A way on which requests come to a workload, through one proxy. */
export interface Way {
  /** for example `Service web`; undefined if all requests come on it */
  readonly through: string | undefined;
  /** of the requests that come through the same, in percent */
  readonly percent: number;
  /** `Kind namespace/name` of what a policy for its proxy can refer to; a GatewayClass without a namespace */
  readonly references: readonly string[];
  /** its Gateway, where that is not given and counts as one of Istio's waypoints */
  readonly unseen: string | undefined;
}

const ownAddress = "the pods' own addresses";
const gatewayGroup = "gateway.networking.k8s.io";

/** Reads the routing from manifest objects. */
export function routingIn(objects: readonly ClusterObject[], defaultNamespace: string): Routing {
  const services = new Map<string, LiveObject[]>();
  const namespaces = new Map<string, LiveObject>();
  const gateways = new Map<string, LiveObject>();
  const gatewayClasses = new Map<string, LiveObject>();
  for (const object of objects) {
    const { apiVersion, kind, name, manifest, namespace = defaultNamespace } = object;
    const group = apiGroupOf(apiVersion);
    if (kind === "Namespace" && !namespaces.has(name)) {
      namespaces.set(name, manifest);
    } else if (kind === "Service" && group === "") {
      const service = placed(manifest, object, defaultNamespace);
      services.set(namespace, [...(services.get(namespace) ?? []), service]);
    } else if (kind === "Gateway" && group === gatewayGroup) {
      gateways.set(`${namespace}/${name}`, placed(manifest, object, defaultNamespace));
    } else if (kind === "GatewayClass" && group === gatewayGroup) {
      gatewayClasses.set(name, manifest);
    }
  }
  return { services, namespaces, gateways, gatewayClasses };
}

/**
 * The ways to a workload. A sidecar or another proxy in its pods is on all of them; what is in ambient mode is reached
 * through the waypoint of each Service that selects it, and at its own address, which has a waypoint for workloads only.
 */
export function waysTo(
  { namespace, labels }: Pick<PodSource, "namespace" | "labels">,
  { proxy }: Injection,
  routing: Routing,
): Way[] {
  if (proxy !== "ambient") {
    const name = labels[gatewayNameLabel];
    const gateway = `${namespace}/${name ?? ""}`;
    const references =
      name === undefined
        ? []
        : [`Gateway ${gateway}`, ...(proxy === "waypoint" ? [classOf(gateway, routing)] : [])];
    return [{ through: undefined, percent: 100, references, unseen: undefined }];
  }
  const pod = { metadata: { namespace, labels } };
  const byService = (routing.services.get(namespace) ?? []).filter(leadsTo(labels)).flatMap((service) => {
    const reference = `Service ${idOf(service)}`;
    const through = `Service ${textAt(service, "metadata", "name") ?? ""}`;
    return waysThrough(service, "service", routing).map((way) => ({
      ...way,
      through,
      references: way.references.length === 0 ? [] : [...way.references, reference],
    }));
  });
  return [...byService, ...waysThrough(pod, "workload", routing)];
}

/** The clients of a headless Service send to the pods' own addresses. */
function leadsTo(labels: Readonly<Record<string, string>>): (service: LiveObject) => boolean {
  return (service) => {
    const selector = textMapAt(service, "spec", "selector");
    const isHeadless = textAt(service, "spec", "clusterIP") === "None";
    return Object.keys(selector).length > 0 && hasLabels(labels, selector) && !isHeadless;
  };
}

function classOf(gateway: string, { gateways }: Routing): string {
  return `GatewayClass ${textAt(gateways.get(gateway), "spec", "gatewayClassName") ?? waypointClass}`;
}

/** A waypoint that does not take the requests, or that Istio gives no policies, is as good as none. */
function waysThrough(object: LiveObject, traffic: WaypointTraffic, routing: Routing): Way[] {
  const namespace = textAt(object, "metadata", "namespace") ?? "";
  const ofNamespace = routing.namespaces.get(namespace);
  const from = { name: namespace, labels: labelsOf(ofNamespace ?? {}) };
  const direct = { through: ownAddress, percent: 100, references: [], unseen: undefined };
  const used = waypointsOf(object, ofNamespace).filter(({ percent }) => percent > 0);
  const ways = used.map(({ id, percent }): Way => {
    const gateway = routing.gateways.get(id);
    const className = textAt(gateway, "spec", "gatewayClassName");
    const takes = takesTraffic(
      gateway,
      routing.gatewayClasses.get(className ?? waypointClass),
      traffic,
      from,
    );
    return !takes || isAgentgateway(className)
      ? { ...direct, percent }
      : {
          ...direct,
          percent,
          references: [`Gateway ${id}`, classOf(id, routing)],
          unseen: gateway === undefined ? id : undefined,
        };
  });
  return ways.length === 0 ? [direct] : ways;
}
