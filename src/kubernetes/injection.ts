import { at, listAt, textAt, textMapAt, textsAt } from "./liveObject";

type Labels = Readonly<Record<string, string>>;

/** How a pod gets a proxy of Istio: a sidecar, ambient mode, where only a waypoint can inspect, or not at all. */
export type Injection =
  /** `revision` is the one that is asked for, or that did it; undefined when nothing says so */
  | { readonly proxy: "sidecar" | "waypoint"; readonly revision: string | undefined }
  | { readonly proxy: "ambient" }
  | { readonly proxy: "none"; readonly reason: string };

const proxyContainer = "istio-proxy";
const injectKey = "sidecar.istio.io/inject";
const injectionLabel = "istio-injection";
/** Label of a namespace, a pod or a policy, and annotation of an injected pod, that names a revision. */
export const revisionKey = "istio.io/rev";
/** Label of the pods that run the proxy of a Gateway of the Gateway API; by it Istio follows a reference. */
export const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";
const modeLabel = "istio.io/dataplane-mode";
// Written by Istio's node agent on pods that it has taken into ambient mode.
const redirectionAnnotation = "ambient.istio.io/redirection";
/** The revision, or the tag, that the labels without a revision mean. */
const defaultRevision = "default";

// Source: Istio, pkg/kube/inject/inject.go, `IgnoredNamespaces`.
const ignoredNamespaces = new Set(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);

/**
 * Whether Istio's proxy stands in a pod or pod template, as a container or as a native sidecar. ztunnel is none,
 * although its container has the same name: it sees no HTTP. Source: Istio, chart ztunnel, templates/daemonset.yaml.
 */
export function hasProxy(pod: unknown): boolean {
  return proxyRoles(pod).some((role) => role !== "ztunnel");
}

/** Whether a pod or pod template is a waypoint, which no selector reaches. Source: Istio, files/waypoint.yaml. */
export function isWaypoint(pod: unknown): boolean {
  return proxyRoles(pod).includes("waypoint");
}

/** As what each proxy in a pod runs, as far as its arguments say. */
function proxyRoles(pod: unknown): (string | undefined)[] {
  return [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")]
    .filter((container) => textAt(container, "name") === proxyContainer)
    .map((container) => textsAt(container, "args")[1]);
}

/**
 * How a pod gets its proxy, by the rules of Istio's webhooks of all revisions and tags, its injector and its node agent.
 * What the pod itself shows (a proxy, or that ambient mode has taken it) comes first; sidecar comes before ambient.
 *
 * @param namespaceLabels - Undefined when they are not known: the namespace is then taken to ask for sidecars.
 */
export function injectionOf(pod: unknown, namespace: string, namespaceLabels: Labels | undefined): Injection {
  const labels = textMapAt(pod, "metadata", "labels");
  const annotations = textMapAt(pod, "metadata", "annotations");
  if (hasProxy(pod)) {
    const proxy = isWaypoint(pod) ? "waypoint" : "sidecar";
    return { proxy, revision: annotations[revisionKey] ?? labels[revisionKey] };
  }
  if (annotations[redirectionAnnotation] === "enabled") {
    return { proxy: "ambient" };
  }
  if (at(pod, "spec", "hostNetwork") === true) {
    return { proxy: "none", reason: "hostNetwork" };
  }
  if (ignoredNamespaces.has(namespace)) {
    return { proxy: "none", reason: `Istio leaves namespace ${namespace} alone` };
  }
  const isAmbient = asksForAmbient(labels, namespaceLabels ?? {});
  // The injector takes the label before the annotation, whatever it says.
  const isOff = (labels[injectKey] ?? annotations[injectKey]) === "false";
  const revision = selectedRevision(labels, namespaceLabels ?? {});
  const isAssumed = namespaceLabels === undefined && !isAmbient;
  if (!isOff && (revision !== undefined || isAssumed)) {
    return { proxy: "sidecar", revision };
  }
  if (isAmbient) {
    return { proxy: "ambient" };
  }
  return { proxy: "none", reason: whyNot(isOff, namespaceLabels ?? {}) };
}

/**
 * The revision whose webhook selects a pod. The namespace decides before the pod, and its older label before the newer.
 * Source: Istio, chart istio-discovery, templates/mutatingwebhook.yaml.
 */
function selectedRevision(labels: Labels, namespaceLabels: Labels): string | undefined {
  const inject = labels[injectKey];
  if (inject === "false") {
    return undefined;
  }
  const injection = namespaceLabels[injectionLabel];
  if (injection !== undefined) {
    return injection === "enabled" ? defaultRevision : undefined;
  }
  const own = labels[revisionKey] ?? (inject === "true" ? defaultRevision : undefined);
  return namespaceLabels[revisionKey] ?? own;
}

/** A pod leaves what its namespace asks for with the value `none` only. Source: Istio, cni/pkg/util/podutil.go. */
function asksForAmbient(labels: Labels, namespaceLabels: Labels): boolean {
  return (
    labels[modeLabel] === "ambient" ||
    (namespaceLabels[modeLabel] === "ambient" && labels[modeLabel] !== "none")
  );
}

function whyNot(isOff: boolean, namespaceLabels: Labels): string {
  if (isOff) {
    return "sidecar injection is off";
  }
  return namespaceLabels[injectionLabel] === undefined
    ? "the namespace does not ask for sidecars"
    : "sidecar injection is off for the namespace";
}
