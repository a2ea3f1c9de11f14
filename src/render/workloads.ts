import { gatewayNameLabel, injectionOf, type Injection } from "../kubernetes/injection";
import { hasLabels, listAt, textMapAt } from "../kubernetes/liveObject";
import { podTemplateOf } from "../kubernetes/podTemplates";
import type { ClusterObject } from "./clusterObjects";

/** Something that runs pods, as its manifest describes it. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** labels of its pods */
  readonly labels: Readonly<Record<string, string>>;
  readonly injection: Injection;
  /** `namespace/name` of the waypoint its traffic is sent through, in ambient mode */
  readonly waypoint: string | undefined;
  /** `namespace/name` of the Services that send it requests through a waypoint */
  readonly waypointServices: readonly string[];
  /** `namespace/name` of the Gateway whose proxy it is */
  readonly gateway: string | undefined;
}

const WAYPOINT_LABEL = "istio.io/use-waypoint";

/** What a controller owns is listed through its controller, with the same pods. */
function isOwned({ manifest }: ClusterObject): boolean {
  return listAt(manifest, "metadata", "ownerReferences").length > 0;
}

function waypointOf(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  namespaceLabels: Readonly<Record<string, string>>,
): string | undefined {
  const holder = labels[WAYPOINT_LABEL] === undefined ? namespaceLabels : labels;
  const name = holder[WAYPOINT_LABEL];
  if (name === undefined || name === "none") {
    return undefined;
  }
  return `${holder[`${WAYPOINT_LABEL}-namespace`] ?? namespace}/${name}`;
}

function servicesByNamespace(
  objects: readonly ClusterObject[],
  defaultNamespace: string,
): Map<string, ClusterObject[]> {
  const found = new Map<string, ClusterObject[]>();
  for (const object of objects.filter(({ kind }) => kind === "Service")) {
    const namespace = object.namespace ?? defaultNamespace;
    found.set(namespace, [...(found.get(namespace) ?? []), object]);
  }
  return found;
}

/** The Services by which ambient pods are reached through a waypoint: their own label decides, else the pods' waypoint. */
function waypointServices(
  services: readonly ClusterObject[],
  { namespace, labels, waypoint }: Pick<Workload, "namespace" | "labels" | "waypoint">,
): string[] {
  return services.flatMap(({ name, manifest }) => {
    const own = textMapAt(manifest, "metadata", "labels")[WAYPOINT_LABEL];
    const selector = textMapAt(manifest, "spec", "selector");
    const isSelected = Object.keys(selector).length > 0 && hasLabels(labels, selector);
    const hasWaypoint = own === undefined ? waypoint !== undefined : own !== "none";
    return isSelected && hasWaypoint ? [`${namespace}/${name}`] : [];
  });
}

/**
 * The workloads among manifest objects: Deployment, and every other kind with a pod template, and Pods, unless another
 * object owns them. One that is given twice is listed once, as first given. Labels of Namespace manifests
 * among the objects count too.
 * @param defaultNamespace of manifests that name none
 */
export function findWorkloads(objects: readonly ClusterObject[], defaultNamespace: string): Workload[] {
  const namespaces = new Map(
    objects
      .filter(({ kind }) => kind === "Namespace")
      .map(({ name, manifest }) => [name, textMapAt(manifest, "metadata", "labels")]),
  );
  const services = servicesByNamespace(objects, defaultNamespace);
  const webhooks = objects
    .filter(({ kind }) => kind === "MutatingWebhookConfiguration")
    .map(({ manifest }) => manifest);
  const found = new Map<string, Workload>();
  for (const object of objects) {
    const { kind, name, manifest } = object;
    const namespace = object.namespace ?? defaultNamespace;
    const key = `${kind} ${namespace}/${name}`;
    const template = podTemplateOf(manifest);
    if (template === undefined || isOwned(object) || found.has(key)) {
      continue;
    }
    const labels = textMapAt(template, "metadata", "labels");
    const namespaceLabels = namespaces.get(namespace);
    const waypoint = waypointOf(namespace, labels, namespaceLabels ?? {});
    const gatewayName = labels[gatewayNameLabel];
    found.set(key, {
      namespace,
      name,
      kind,
      labels,
      injection: injectionOf(template, namespace, namespaceLabels, webhooks),
      waypoint,
      waypointServices: waypointServices(services.get(namespace) ?? [], { namespace, labels, waypoint }),
      gateway: gatewayName === undefined ? undefined : `${namespace}/${gatewayName}`,
    });
  }
  return [...found.values()];
}
