import type { ClusterObject } from "./clusterObjects";
import { isPlainObject } from "../offline/secretValue";

/** How Istio reaches a workload: through a sidecar, through ambient mode, or not at all. */
export type Dataplane = "sidecar" | "ambient" | "none";

/** Something that runs pods, as its manifest describes it. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** labels of its pods */
  readonly labels: Readonly<Record<string, string>>;
  readonly dataplane: Dataplane;
  /** why it is not in the mesh, when `dataplane` is `none` */
  readonly reason: string | undefined;
  /** `namespace/name` of the waypoint its traffic is sent through, in ambient mode */
  readonly waypoint: string | undefined;
  /** `namespace/name` of the Services that send it requests through a waypoint */
  readonly waypointServices: readonly string[];
  /** `namespace/name` of the Gateway whose proxy it is */
  readonly gateway: string | undefined;
}

// How to get from a manifest to its pod template; a Pod is its own template.
const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Rollout: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Pod: [],
};

const API_GROUPS = new Set(["apps", "batch", "argoproj.io", ""]);

const DATAPLANE_LABEL = "istio.io/dataplane-mode";
const WAYPOINT_LABEL = "istio.io/use-waypoint";
// Istio puts it on the pods that it makes for a Gateway of the Gateway API.
const GATEWAY_LABEL = "gateway.networking.k8s.io/gateway-name";

function objectAt(value: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  const found = path.reduce<unknown>((inner, key) => (isPlainObject(inner) ? inner[key] : undefined), value);
  return isPlainObject(found) ? found : {};
}

/** Labels or annotations as texts; YAML gives `true` where a quoted "true" was forgotten. */
function texts(value: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}

function isWorkload({ apiVersion, kind, manifest }: ClusterObject): boolean {
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  if (TEMPLATE_PATHS[kind] === undefined || !API_GROUPS.has(group)) {
    return false;
  }
  // What a controller owns is listed through its controller, with the same pods.
  const owners = objectAt(manifest, ["metadata"]).ownerReferences;
  return !Array.isArray(owners) || owners.length === 0;
}

/** Istio's rules of injection, as far as manifests show them. */
function meshMembership(
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
  podSpec: Readonly<Record<string, unknown>>,
  namespaceLabels: Readonly<Record<string, string>> | undefined,
): { dataplane: Dataplane; reason: string | undefined } {
  const containers = Array.isArray(podSpec.containers) ? podSpec.containers : [];
  // Gateways, and pods that were injected by hand, bring their proxy along.
  if (containers.some((container) => isPlainObject(container) && container.name === "istio-proxy")) {
    return { dataplane: "sidecar", reason: undefined };
  }
  const inject = labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"];
  if (podSpec.hostNetwork === true) {
    return { dataplane: "none", reason: "hostNetwork" };
  }
  if (inject === "true") {
    return { dataplane: "sidecar", reason: undefined };
  }
  const mode = labels[DATAPLANE_LABEL] ?? namespaceLabels?.[DATAPLANE_LABEL];
  if (mode === "ambient") {
    return { dataplane: "ambient", reason: undefined };
  }
  if (inject === "false") {
    return { dataplane: "none", reason: "sidecar injection is off" };
  }
  if (namespaceLabels?.["istio-injection"] === "disabled") {
    return { dataplane: "none", reason: "sidecar injection is off for the namespace" };
  }
  const revision = labels["istio.io/rev"] ?? namespaceLabels?.["istio.io/rev"];
  if (
    namespaceLabels !== undefined &&
    namespaceLabels["istio-injection"] !== "enabled" &&
    revision === undefined
  ) {
    return { dataplane: "none", reason: "the namespace does not ask for sidecars" };
  }
  return { dataplane: "sidecar", reason: undefined };
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
    const others = found.get(namespace);
    if (others === undefined) {
      found.set(namespace, [object]);
    } else {
      others.push(object);
    }
  }
  return found;
}

/** The Services by which ambient pods are reached through a waypoint: their own label decides, else the pods' waypoint. */
function waypointServices(
  services: readonly ClusterObject[],
  { namespace, labels, waypoint }: Pick<Workload, "namespace" | "labels" | "waypoint">,
): string[] {
  return services.flatMap(({ name, manifest }) => {
    const own = texts(objectAt(manifest, ["metadata", "labels"]))[WAYPOINT_LABEL];
    const selector = Object.entries(texts(objectAt(manifest, ["spec", "selector"])));
    const isSelected = selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
    const hasWaypoint = own === undefined ? waypoint !== undefined : own !== "none";
    return isSelected && hasWaypoint ? [`${namespace}/${name}`] : [];
  });
}

/**
 * The workloads among manifest objects: Deployment, StatefulSet, DaemonSet, Job, CronJob, Argo Rollout, and ReplicaSets
 * and Pods that nothing owns. One that is given twice is listed once, as first given. Labels of Namespace manifests
 * among the objects count too.
 * @param defaultNamespace of manifests that name none
 */
export function findWorkloads(objects: readonly ClusterObject[], defaultNamespace: string): Workload[] {
  const namespaces = new Map(
    objects
      .filter(({ kind }) => kind === "Namespace")
      .map(({ name, manifest }) => [name, texts(objectAt(manifest, ["metadata", "labels"]))]),
  );
  const services = servicesByNamespace(objects, defaultNamespace);
  const found = new Map<string, Workload>();
  for (const object of objects.filter(isWorkload)) {
    const { kind, name } = object;
    const namespace = object.namespace ?? defaultNamespace;
    const template = objectAt(object.manifest, TEMPLATE_PATHS[kind] ?? []);
    const labels = texts(objectAt(template, ["metadata", "labels"]));
    const annotations = texts(objectAt(template, ["metadata", "annotations"]));
    const namespaceLabels = namespaces.get(namespace);
    const key = `${kind} ${namespace}/${name}`;
    if (found.has(key)) {
      continue;
    }
    const membership = meshMembership(labels, annotations, objectAt(template, ["spec"]), namespaceLabels);
    const waypoint = waypointOf(namespace, labels, namespaceLabels ?? {});
    const gatewayName = labels[GATEWAY_LABEL];
    found.set(key, {
      namespace,
      name,
      kind,
      labels,
      ...membership,
      waypoint,
      waypointServices: waypointServices(services.get(namespace) ?? [], { namespace, labels, waypoint }),
      gateway: gatewayName === undefined ? undefined : `${namespace}/${gatewayName}`,
    });
  }
  return [...found.values()];
}
