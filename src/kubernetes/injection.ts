import { inboundCapture, type InboundCapture } from "./inboundCapture";
import { at, listAt, selectorMatches, textAt, textMapAt, textsAt } from "./liveObject";
import { isRecord } from "../pulumi/inputs";

type Labels = Readonly<Record<string, string>>;

/** How a pod gets a proxy of Istio: a sidecar, ambient mode, where only a waypoint can inspect, or not at all. */
export type Injection =
  /** `revision` is the one that is asked for, or that did it; undefined when nothing says so */
  | { readonly proxy: "sidecar" | "waypoint"; readonly revision: string | undefined }
  | { readonly proxy: "ambient" }
  | { readonly proxy: "none"; readonly reason: string };

/** Name of the container of Istio's proxy. */
export const proxyContainer = "istio-proxy";
const injectKey = "sidecar.istio.io/inject";
const injectionLabel = "istio-injection";
/** Label of a namespace, a pod or a policy, and annotation of an injected pod, that names a revision. */
export const revisionKey = "istio.io/rev";
/** Label of the pods that run the proxy of a Gateway of the Gateway API; by it Istio follows a reference. */
export const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";
const modeLabel = "istio.io/dataplane-mode";
// Written by Istio's node agent on pods that it has taken into ambient mode.
const redirectionAnnotation = "ambient.istio.io/redirection";
// Written by Istio's injector on pods that it has given a proxy.
const statusAnnotation = "sidecar.istio.io/status";
/** The revision, or the tag, that the labels without a revision mean. */
const defaultRevision = "default";

// Source: Istio, pkg/kube/inject/initializer.go, `IgnoredNamespaces`.
/** Namespaces whose pods Istio gives no sidecar, whatever they ask for. */
export const ignoredNamespaces: ReadonlySet<string> = new Set([
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "local-path-storage",
]);
// Source: Istio, chart istio-cni, values.yaml, `excludeNamespaces`.
const neverAmbient = "kube-system";

// Templates of the injector that give a pod no Envoy. Source: Istio, files/grpc-agent.yaml, files/grpc-simple.yaml.
const templatesKey = "inject.istio.io/templates";
const proxylessTemplates = ["grpc-agent", "grpc-simple"];

/**
 * Whether Istio's proxy stands in a pod or pod template, as a container or as a native sidecar. Of the same name and none
 * are ztunnel, which sees no HTTP, and the agent of proxyless gRPC. Source: Istio, chart ztunnel,
 * templates/daemonset.yaml; files/grpc-agent.yaml.
 */
export function hasProxy(pod: unknown): boolean {
  return proxyRoles(pod).some((role) => role !== "ztunnel");
}

/** Whether a pod or pod template is a waypoint, which no selector reaches. Source: Istio, files/waypoint.yaml. */
export function isWaypoint(pod: unknown): boolean {
  return proxyRoles(pod).includes("waypoint");
}

/**
 * Whether a pod or pod template runs a gateway's proxy, or will once Istio has injected it; undefined when that cannot be
 * told. Source: Istio, files/gateway-injection-template.yaml.
 */
export function runsGateway(pod: unknown): boolean | undefined {
  const roles = proxyRoles(pod);
  const asked = templatesOf(pod);
  if (roles.includes("router") || roles.includes("sidecar")) {
    return roles.includes("router");
  }
  if (asked.includes("gateway")) {
    return true;
  }
  return roles.length === 0 && asked.every((name) => name === "sidecar") ? false : undefined;
}

/** As what each proxy in a pod runs, as far as its arguments say. */
function proxyRoles(pod: unknown): (string | undefined)[] {
  return [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")]
    .filter((container) => textAt(container, "name") === proxyContainer && !isProxyless(container))
    .map((container) => textsAt(container, "args")[1]);
}

function isProxyless(container: unknown): boolean {
  return listAt(container, "env").some(
    (variable) => textAt(variable, "name") === "DISABLE_ENVOY" && textAt(variable, "value") === "true",
  );
}

/** Which requests to a pod or pod template its sidecar sees. */
export function sidecarCapture(pod: unknown): InboundCapture {
  return inboundCapture(isRecord(pod) ? pod : {}, proxyContainer);
}

/**
 * How a pod gets its proxy, by the rules of Istio's webhooks of all revisions and tags, its injector and its node agent.
 * What the pod itself shows (a proxy, or that ambient mode has taken it) comes first; sidecar comes before ambient.
 *
 * @param namespaceLabels - Undefined when they are not known: the namespace is then taken to ask for sidecars.
 * @param webhooks - The cluster's MutatingWebhookConfigurations, as far as they are known: those of Istio among them say
 * which pods a cluster injects, also where namespaces without labels are. Without any, the rules of Istio's chart count.
 */
export function injectionOf(
  pod: unknown,
  namespace: string,
  namespaceLabels: Labels | undefined,
  webhooks: readonly unknown[] = [],
): Injection {
  const found = proxyOf(pod, namespace, namespaceLabels, webhooks);
  const capture = sidecarCapture(pod);
  return found.proxy === "sidecar" && capture.coverage === "none"
    ? { proxy: "none", reason: capture.text }
    : found;
}

function proxyOf(
  pod: unknown,
  namespace: string,
  namespaceLabels: Labels | undefined,
  webhooks: readonly unknown[],
): Injection {
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
  const known = namespaceLabels ?? {};
  const isAmbient = namespace !== neverAmbient && asksForAmbient(pod, known);
  const refusal = refusalOf(labels, annotations, namespace);
  if (refusal === undefined) {
    const revision = selectedRevision(labels, known, injectors(webhooks), namespace);
    if (revision !== undefined || (namespaceLabels === undefined && !isAmbient)) {
      return proxylessReason(pod) ?? { proxy: "sidecar", revision };
    }
  }
  return isAmbient ? { proxy: "ambient" } : { proxy: "none", reason: refusal ?? whyNot(known) };
}

/** What the injector puts into some pods for gRPC is no proxy. */
function proxylessReason(pod: unknown): Injection | undefined {
  const asked = templatesOf(pod);
  const template = proxylessTemplates.find((name) => asked.includes(name));
  const containers = [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")];
  const isOwn = containers.some((one) => textAt(one, "name") === proxyContainer && isProxyless(one));
  return template !== undefined || isOwn ? { proxy: "none", reason: "gRPC without a proxy" } : undefined;
}

/** The templates that a pod asks the injector for; none for the sidecar's. */
function templatesOf(pod: unknown): string[] {
  const asked = textMapAt(pod, "metadata", "annotations")[templatesKey] ?? "";
  return asked.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}

/** Why the injector leaves a pod as it is, whatever webhook calls it. Source: Istio, inject.go, `injectRequired`. */
function refusalOf(labels: Labels, annotations: Labels, namespace: string): string | undefined {
  if (ignoredNamespaces.has(namespace)) {
    return `Istio leaves namespace ${namespace} alone`;
  }
  // It takes the label before the annotation, whatever it says; what is neither true nor false says nothing.
  return (labels[injectKey] ?? annotations[injectKey]) === "false" ? "sidecar injection is off" : undefined;
}

/** A webhook that calls Istio's injector, and its revision or tag. */
interface Injector {
  readonly revision: string;
  readonly webhook: unknown;
}

function injectors(configurations: readonly unknown[]): Injector[] {
  return configurations.flatMap((configuration) => {
    const labels = textMapAt(configuration, "metadata", "labels");
    const revision = labels["istio.io/tag"] ?? labels[revisionKey] ?? defaultRevision;
    return listAt(configuration, "webhooks")
      .filter((webhook) => textAt(webhook, "name")?.endsWith("sidecar-injector.istio.io") === true)
      .map((webhook) => ({ revision, webhook }));
  });
}

/** The revision whose webhook selects a pod. */
function selectedRevision(
  labels: Labels,
  namespaceLabels: Labels,
  known: readonly Injector[],
  namespace: string,
): string | undefined {
  if (known.length === 0) {
    return revisionByChart(labels, namespaceLabels);
  }
  // The API server gives each namespace this label.
  const ofNamespace = { ...namespaceLabels, "kubernetes.io/metadata.name": namespace };
  return known.find(
    ({ webhook }) =>
      selectorMatches(at(webhook, "namespaceSelector"), ofNamespace) &&
      selectorMatches(at(webhook, "objectSelector"), labels),
  )?.revision;
}

/**
 * The same by the selectors of Istio's chart: the namespace decides before the pod, and its older label before the newer.
 * No webhook selects a revision without a name. Source: Istio, chart istio-discovery, templates/mutatingwebhook.yaml.
 */
function revisionByChart(labels: Labels, namespaceLabels: Labels): string | undefined {
  const injection = namespaceLabels[injectionLabel];
  if (injection !== undefined) {
    return injection === "enabled" ? defaultRevision : undefined;
  }
  const own = labels[revisionKey] ?? (labels[injectKey] === "true" ? defaultRevision : undefined);
  const revision = namespaceLabels[revisionKey] ?? own;
  return revision === "" ? undefined : revision;
}

/**
 * Whether the node agent takes a pod into ambient mode. The pod leaves what its namespace asks for with the value `none`
 * only. Source: Istio, chart istio-cni, values.yaml, `enablementSelectors`; cni/pkg/util/enablement_selector.go.
 */
function asksForAmbient(pod: unknown, namespaceLabels: Labels): boolean {
  const mode = textMapAt(pod, "metadata", "labels")[modeLabel];
  const asks = mode === "ambient" || (namespaceLabels[modeLabel] === "ambient" && mode !== "none");
  return asks && textMapAt(pod, "metadata", "annotations")[statusAnnotation] === undefined;
}

function whyNot(namespaceLabels: Labels): string {
  const injection = namespaceLabels[injectionLabel];
  if (injection !== undefined && injection !== "enabled") {
    return "sidecar injection is off for the namespace";
  }
  const asks = injection === "enabled" || (namespaceLabels[revisionKey] ?? "") !== "";
  return asks ? "no webhook of Istio selects it" : "the namespace does not ask for sidecars";
}
