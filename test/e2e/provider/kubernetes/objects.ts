import { isObject, isUnknown, type Json, type JsonObject } from "../values";

/** Group, version and kind of a Kubernetes object; the core group is "". */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What the real provider's annotations are called. */
export const ANNOTATION = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  deletionPropagationPolicy: "pulumi.com/deletionPropagationPolicy",
  revision: "deployment.kubernetes.io/revision",
  lastApplied: "kubectl.kubernetes.io/last-applied-configuration",
} as const;

/** The value at a path of object keys, or undefined. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path) {
    if (!isObject(current)) {
      return undefined;
    }
    current = current[key];
  }
  return current;
}

/** The string at a path; "" when it is missing, not a string, or not known yet. */
export function stringAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" && !isUnknown(found) ? found : "";
}

/** The number at a path, or undefined. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** Name of an object, "" when missing or not known yet. */
export function nameOf(object: JsonObject): string {
  return stringAt(object, "metadata", "name");
}

/** Namespace of an object, "" when missing or not known yet. */
export function namespaceOf(object: JsonObject): string {
  return stringAt(object, "metadata", "namespace");
}

/** An annotation's value, "" when missing. */
export function annotation(object: JsonObject, key: string): string {
  return stringAt(object, "metadata", "annotations", key);
}

/** True when the annotation is exactly "true". */
export function annotationIsTrue(object: JsonObject, key: string): boolean {
  return annotation(object, key) === "true";
}

/** Sets a member of `metadata`, or removes it when the value is ""; unknown metadata stays as it is. */
export function setMetadata(object: JsonObject, key: "name" | "namespace", value: string): void {
  if (isUnknown(object.metadata)) {
    return;
  }
  const metadata = isObject(object.metadata) ? object.metadata : {};
  object.metadata = value === "" ? without(metadata, [key]) : { ...metadata, [key]: value };
}

/** A shallow copy without some keys. */
export function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Sets an annotation to "true"; unknown metadata or annotations stay as they are. */
export function setAnnotationTrue(object: JsonObject, key: string): void {
  const metadata = object.metadata;
  if (!isObject(metadata) || isUnknown(metadata.annotations)) {
    return;
  }
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  object.metadata = { ...metadata, annotations: { ...annotations, [key]: "true" } };
}

/** Group, version and kind that an object states about itself. */
export function gvkOf(object: JsonObject): GroupVersionKind {
  return { ...parseApiVersion(stringAt(object, "apiVersion")), kind: stringAt(object, "kind") };
}

/** Splits an `apiVersion`; the legacy name "core" stands for the core group. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  if (slash < 0) {
    return { group: "", version: apiVersion };
  }
  const group = apiVersion.slice(0, slash);
  return { group: group === "core" ? "" : group, version: apiVersion.slice(slash + 1) };
}

/** Joins group and version into an `apiVersion`. */
export function apiVersionOf(gvk: GroupVersionKind): string {
  return gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;
}

/** "namespace/name", or only the name of a cluster-scoped object: the Pulumi id of an object. */
export function objectId(object: JsonObject): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

/** Splits a Pulumi id into namespace ("" when cluster-scoped) and name. */
export function parseObjectId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** The type token of a URN, e.g. `kubernetes:core/v1:ConfigMapPatch`. */
export function typeOfUrn(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** The logical name in a URN. */
export function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/**
 * Group, version and kind from the type token of a URN; a `*Patch` type keeps its suffix.
 * @throws when the token is not one of this provider
 */
export function gvkOfUrn(urn: string): GroupVersionKind {
  const token = typeOfUrn(urn);
  const [pkg, module = "", kind = ""] = token.split(":");
  if (pkg !== "kubernetes") {
    throw new Error(`unrecognized resource type: "${token}" for this provider`);
  }
  const parts = module.split("/");
  const [group = "", version = ""] = parts;
  if (parts.length !== 2) {
    throw new Error(`apiVersion does not have both a group and a version: "${module}"`);
  }
  return { group: group === "core" ? "" : group, version, kind };
}

/** True when the type of the URN is the object's kind with the suffix `Patch`. */
export function isPatchResource(urn: string, kind: string): boolean {
  const token = typeOfUrn(urn);
  return token.slice(token.lastIndexOf(":") + 1) === `${kind}Patch`;
}
