import { revisionKey } from "../kubernetes/injection";
import { at, listAt, textAt, textMapAt } from "../kubernetes/liveObject";
import { kubernetesObject, objectId, type KubernetesObject } from "./kubernetesObject";
import type { RecordedResource } from "../offline/recordedResource";
import { describeFilters, describeRules, type RequestLimits } from "./requestLimits";
import { reveal } from "../offline/secretValue";
import { isRecord } from "../pulumi/inputs";

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

function reach(
  spec: unknown,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Pick<Protection, "labels" | "references"> {
  const references = [...listAt(spec, "targetRefs"), at(spec, "targetRef")]
    .filter(isRecord)
    .map(({ kind, name }) => `${String(kind)} ${namespace}/${String(name)}`);
  return { references, labels: references.length > 0 ? undefined : labels };
}

function revisionOf({ resource }: KubernetesObject): string | undefined {
  return textMapAt(reveal(resource.inputs.metadata), "labels")[revisionKey];
}

function fromPolicy(object: KubernetesObject): Protection | undefined {
  const spec = reveal(object.resource.inputs.spec);
  if (at(spec, "action") !== "CUSTOM") {
    return undefined;
  }
  const namespace = object.namespace ?? "default";
  return {
    policy: objectId(object),
    kind: "AuthorizationPolicy",
    namespace,
    provider: textAt(spec, "provider", "name"),
    ...reach(spec, namespace, textMapAt(spec, "selector", "matchLabels")),
    limits: describeRules(at(spec, "rules")),
    revision: revisionOf(object),
  };
}

function insertsFilter(patch: unknown): boolean {
  return (
    at(patch, "applyTo") === "HTTP_FILTER" &&
    at(patch, "patch", "operation") !== "REMOVE" &&
    at(patch, "patch", "value", "name") === EXT_AUTHZ_FILTER
  );
}

function fromEnvoyFilter(object: KubernetesObject): Protection | undefined {
  const spec = reveal(object.resource.inputs.spec);
  const filters = listAt(spec, "configPatches").filter(insertsFilter);
  if (filters.length === 0) {
    return undefined;
  }
  const namespace = object.namespace ?? "default";
  return {
    policy: objectId(object),
    kind: "EnvoyFilter",
    namespace,
    provider: undefined,
    ...reach(spec, namespace, textMapAt(spec, "workloadSelector", "labels")),
    limits: describeFilters(filters.map((patch) => at(patch, "patch", "value", "typed_config"))),
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
