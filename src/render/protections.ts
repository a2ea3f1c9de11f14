import { revisionKey } from "../kubernetes/injection";
import { textMapAt } from "../kubernetes/liveObject";
import { kubernetesObject, objectId, type KubernetesObject } from "./kubernetesObject";
import { specOf } from "./meshEdits";
import type { RecordedResource } from "../offline/recordedResource";
import { describeRules, type RequestLimits } from "./requestLimits";
import { isPlainObject, reveal } from "../offline/secretValue";

/** A rendered object that sends requests to an external authorizer. */
export interface Protection {
  /** `namespace/name` of the object */
  readonly policy: string;
  readonly kind: "AuthorizationPolicy" | "EnvoyFilter";
  readonly namespace: string;
  /** extension provider of the policy; undefined for an EnvoyFilter */
  readonly provider: string | undefined;
  /** labels of the pods it selects (none: all pods), or undefined if it names what it protects by reference */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** `Kind namespace/name` of each gateway or waypoint it names */
  readonly references: readonly string[];
  readonly limits: RequestLimits;
  /** the only revision whose istiod regards it, when it is labelled with one */
  readonly revision: string | undefined;
}

const EXT_AUTHZ_FILTER = "envoy.filters.http.ext_authz";
const POLICY_KINDS = ["AuthorizationPolicy", "EnvoyFilter"];

function referencesOf(spec: Readonly<Record<string, unknown>>, namespace: string): string[] {
  const several: unknown[] = Array.isArray(spec.targetRefs) ? spec.targetRefs : [];
  return [...several, spec.targetRef]
    .filter(isPlainObject)
    .map(({ kind, name }) => `${String(kind)} ${namespace}/${String(name)}`);
}

function reach(
  spec: Readonly<Record<string, unknown>>,
  namespace: string,
  labels: unknown,
): Pick<Protection, "labels" | "references"> {
  const references = referencesOf(spec, namespace);
  return { references, labels: references.length > 0 ? undefined : textMapAt(labels) };
}

function revisionOf({ resource }: KubernetesObject): string | undefined {
  return textMapAt(reveal(resource.inputs.metadata), "labels")[revisionKey];
}

function fromPolicy(object: KubernetesObject): Protection | undefined {
  const spec = specOf(object.resource);
  if (spec.action !== "CUSTOM") {
    return undefined;
  }
  const namespace = object.namespace ?? "default";
  const provider = isPlainObject(spec.provider) ? spec.provider.name : undefined;
  const selector = isPlainObject(spec.selector) ? spec.selector.matchLabels : undefined;
  return {
    policy: objectId(object),
    kind: "AuthorizationPolicy",
    namespace,
    provider: typeof provider === "string" ? provider : undefined,
    ...reach(spec, namespace, selector),
    limits: describeRules(spec.rules),
    revision: revisionOf(object),
  };
}

function insertsFilter(patch: unknown): boolean {
  if (!isPlainObject(patch) || patch.applyTo !== "HTTP_FILTER" || !isPlainObject(patch.patch)) {
    return false;
  }
  const { operation, value } = patch.patch;
  return operation !== "REMOVE" && isPlainObject(value) && value.name === EXT_AUTHZ_FILTER;
}

function fromEnvoyFilter(object: KubernetesObject): Protection | undefined {
  const spec = specOf(object.resource);
  const patches = Array.isArray(spec.configPatches) ? spec.configPatches : [];
  if (!patches.some(insertsFilter)) {
    return undefined;
  }
  const namespace = object.namespace ?? "default";
  const selector = isPlainObject(spec.workloadSelector) ? spec.workloadSelector.labels : undefined;
  return {
    policy: objectId(object),
    kind: "EnvoyFilter",
    namespace,
    provider: undefined,
    ...reach(spec, namespace, selector),
    limits: { coverage: "all", text: "all requests" },
    revision: revisionOf(object),
  };
}

/** Everything in a recording that sends requests to an external authorizer, in order of creation. */
export function findProtections(resources: readonly RecordedResource[]): Protection[] {
  return resources.flatMap((resource) => {
    const object = kubernetesObject(resource);
    if (object === undefined || resource.isRead || !POLICY_KINDS.includes(object.kind)) {
      return [];
    }
    const found = object.kind === "EnvoyFilter" ? fromEnvoyFilter(object) : fromPolicy(object);
    return found === undefined ? [] : [found];
  });
}
