import { gatewayNameLabel } from "../kubernetes/injection";
import { at, listAt, textAt, textMapAt } from "../kubernetes/liveObject";
import { apiGroupOf, nestedTemplates, podTemplateOf } from "../kubernetes/podTemplates";
import { deploymentName } from "../kubernetes/restart";
import type { ClusterObject } from "./clusterObjects";

/** An object that runs pods, and the template that they are made from. */
export interface PodSource {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly template: unknown;
  /** labels of its pods */
  readonly labels: Readonly<Record<string, string>>;
  /** those of its pods that are given */
  readonly pods: readonly ClusterObject[];
}

/** An object that runs pods and is not judged, and why. */
export interface LeftOut {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly reason: string;
}

/** The objects that run pods. */
export interface PodSources {
  readonly sources: readonly PodSource[];
  readonly leftOut: readonly LeftOut[];
}

/** A given object, in its namespace, with the pod templates that it runs. */
interface Candidate {
  readonly object: ClusterObject;
  readonly namespace: string;
  readonly owners: readonly string[];
  /** of a kind of which every pod has the labels of the template, and no others that a policy would select */
  readonly isKnown: boolean;
  readonly templates: readonly { readonly name: string; readonly template: unknown }[];
  /** why there is nothing to judge */
  readonly reason: string | undefined;
}

type Lookup = ReadonlyMap<string, ClusterObject>;

function keyOf(apiVersion: string | undefined, kind: string, namespace: string, name: string): string {
  return `${apiGroupOf(apiVersion)}/${kind} ${namespace}/${name}`;
}

/**
 * The objects that run pods, each once, as first given: every kind with a pod template, also in a custom resource. What a
 * Deployment or another known workload owns is left to its owner; what anything else owns (a Gateway, an operator's
 * resource) is judged itself, as its pods have labels of their own, and its owner is not.
 *
 * @param defaultNamespace - Of manifests that name none.
 */
export function findPodSources(objects: readonly ClusterObject[], defaultNamespace: string): PodSources {
  const given = new Map<string, ClusterObject>();
  for (const [index, object] of objects.entries()) {
    const named = keyOf(object.apiVersion, object.kind, object.namespace ?? defaultNamespace, object.name);
    // Each object with a generateName only becomes one of its own.
    const key = at(object.manifest, "metadata", "name") === undefined ? `${named}#${index}` : named;
    given.set(key, given.get(key) ?? object);
  }
  const candidates = new Map<string, Candidate>();
  for (const [key, object] of given) {
    const candidate = candidateOf(object, object.namespace ?? defaultNamespace, given);
    if (candidate.templates.length > 0 || candidate.reason !== undefined) {
      candidates.set(key, candidate);
    }
  }
  const judged = [...candidates].filter(
    ([, { owners }]) => !owners.some((owner) => isWorkload(candidates, owner)),
  );
  const owning = ownersAbove(
    judged.map(([, { owners }]) => owners),
    given,
    defaultNamespace,
  );
  const kept = judged.flatMap(([key, candidate]) =>
    candidate.isKnown || !owning.has(key) ? [{ key, ...candidate }] : [],
  );
  const pods = podsByWorkload(candidates);
  const sources = kept
    .filter(({ reason }) => reason === undefined)
    .flatMap((candidate) => sourcesOf(candidate, pods.get(candidate.key) ?? []));
  const unjudged = kept.flatMap(({ object: { name, kind }, namespace, reason }) =>
    reason === undefined ? [] : [{ namespace, name, kind, reason }],
  );
  return { sources, leftOut: [...unjudged, ...gatewaysWithoutProxies(objects, sources, defaultNamespace)] };
}

function isWorkload(candidates: ReadonlyMap<string, Candidate>, key: string): boolean {
  const found = candidates.get(key);
  return found !== undefined && found.isKnown && found.templates.length > 0;
}

/** The given pods that run, each with the workload that owns it, through whatever stands between. */
function podsByWorkload(candidates: ReadonlyMap<string, Candidate>): Map<string, ClusterObject[]> {
  const found = new Map<string, ClusterObject[]>();
  for (const { object, owners, reason } of candidates.values()) {
    let top: string | undefined;
    let next = owners.find((owner) => isWorkload(candidates, owner));
    while (next !== undefined && next !== top) {
      top = next;
      next = candidates.get(top)?.owners.find((owner) => isWorkload(candidates, owner));
    }
    if (top !== undefined && object.kind === "Pod" && reason === undefined) {
      found.set(top, [...(found.get(top) ?? []), object]);
    }
  }
  return found;
}

function deploymentOf(manifest: unknown, namespace: string): string[] {
  const name = deploymentName(manifest);
  return name === undefined ? [] : [keyOf("apps/v1", "Deployment", namespace, name)];
}

function ownersOf(manifest: unknown, namespace: string): string[] {
  return listAt(manifest, "metadata", "ownerReferences").map((owner) =>
    keyOf(textAt(owner, "apiVersion"), textAt(owner, "kind") ?? "", namespace, textAt(owner, "name") ?? ""),
  );
}

/** Everything that owns one of some objects, through whatever stands between. */
function ownersAbove(
  lists: readonly (readonly string[])[],
  given: Lookup,
  defaultNamespace: string,
): Set<string> {
  const found = new Set<string>();
  const open = lists.flat();
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const owner = given.get(key);
    if (owner !== undefined && !found.has(key)) {
      open.push(...ownersOf(owner.manifest, owner.namespace ?? defaultNamespace));
    }
    found.add(key);
  }
  return found;
}

function candidateOf(object: ClusterObject, namespace: string, given: Lookup): Candidate {
  const { manifest, name } = object;
  const known = podTemplateOf(manifest);
  const owners = [...ownersOf(manifest, namespace), ...deploymentOf(manifest, namespace)];
  const place = { object, namespace, owners, isKnown: known !== undefined };
  const reference = at(manifest, "spec", "workloadRef");
  if (known !== undefined && reference !== undefined) {
    return { ...place, ...byReference(reference, object, namespace, given) };
  }
  const kind = `${object.kind}.${apiGroupOf(object.apiVersion)}`;
  if (workflows.has(kind)) {
    return { ...place, templates: [], reason: "the pods of its steps are not read" };
  }
  const isPolicy = apiGroupOf(object.apiVersion) === "kyverno.io";
  const unknown = isPolicy ? [] : nestedTemplates(manifest);
  const nested = known === undefined ? unknown : [{ path: [], template: known }];
  const templates = nested.map(({ path, template }) => ({
    name: nested.length > 1 ? `${name} (${path.join(".").replace(/\.?(pod)?template$/i, "")})` : name,
    template,
  }));
  return { ...place, templates, reason: templates.length > 0 ? idleReason(manifest) : undefined };
}

// Of Argo Workflows: each step has a container, and no pod template.
const workflows = new Set(["Workflow.argoproj.io", "CronWorkflow.argoproj.io"]);

/** A Rollout of Argo may take the template of a Deployment, which it scales down to nothing. */
function byReference(
  reference: unknown,
  { name, manifest }: ClusterObject,
  namespace: string,
  given: Lookup,
): Pick<Candidate, "templates" | "reason"> {
  const kind = textAt(reference, "kind") ?? "";
  const target = textAt(reference, "name") ?? "";
  if (kind === "" || target === "") {
    return { templates: [], reason: "its workloadRef names no kind and name" };
  }
  const found = given.get(keyOf(textAt(reference, "apiVersion"), kind, namespace, target))?.manifest;
  const template = kind === "PodTemplate" ? at(found, "template") : podTemplateOf(found);
  return template === undefined
    ? { templates: [], reason: `its pod template is that of ${kind} ${target}, which is not given` }
    : { templates: [{ name, template }], reason: idleReason(manifest) };
}

function idleReason(manifest: unknown): string | undefined {
  if (at(manifest, "spec", "replicas") === 0) {
    return "it has 0 replicas";
  }
  const hasEnded = ["Succeeded", "Failed"].includes(textAt(manifest, "status", "phase") ?? "");
  return hasEnded && textAt(manifest, "kind") === "Pod" ? "it has ended" : undefined;
}

function sourcesOf({ object, namespace, templates }: Candidate, pods: readonly ClusterObject[]): PodSource[] {
  const { apiVersion, kind, name } = object;
  // Knative gives it to all pods of a Service. Source: Knative, "Labels and annotations".
  const added: Record<string, string> =
    apiGroupOf(apiVersion) === "serving.knative.dev" ? { "serving.knative.dev/service": name } : {};
  return templates.map((one) => ({
    namespace,
    kind,
    ...one,
    labels: { ...added, ...textMapAt(one.template, "metadata", "labels") },
    pods,
  }));
}

/** Istio makes a Deployment for each Gateway of its classes: nothing is known of it when that is not given. */
function gatewaysWithoutProxies(
  objects: readonly ClusterObject[],
  sources: readonly PodSource[],
  defaultNamespace: string,
): LeftOut[] {
  const served = new Set(
    sources.map(({ namespace, labels }) => `${namespace}/${labels[gatewayNameLabel] ?? ""}`),
  );
  return objects.flatMap(({ apiVersion, kind, name, manifest, namespace = defaultNamespace }) => {
    const isOfIstio =
      kind === "Gateway" &&
      apiGroupOf(apiVersion) === "gateway.networking.k8s.io" &&
      ["istio", "istio-waypoint"].includes(textAt(manifest, "spec", "gatewayClassName") ?? "");
    return isOfIstio && !served.has(`${namespace}/${name}`)
      ? [{ namespace, name, kind, reason: "the Deployment that Istio makes for it is not given" }]
      : [];
  });
}
