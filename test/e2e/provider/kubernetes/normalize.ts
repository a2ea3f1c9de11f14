import { containsUnknowns, isObject, type Json, type JsonObject } from "../values";
import { gvkOf, parseApiVersion, stringAt, without } from "./objects";
import { prune } from "./prune";
import { canonicalQuantity } from "./quantity";

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

/** True for an apiVersion of Kubernetes itself, false for custom resources. */
export function isBuiltIn(apiVersion: string): boolean {
  return BUILT_IN_GROUPS.has(parseApiVersion(apiVersion).group);
}

const READ_ONLY_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
] as const;

/**
 * Brings inputs into the form in which the API server would return them, so that equal objects compare equal:
 * quantities become canonical, zero values that Go's types omit are left out, `stringData` of a Secret becomes
 * `data`. Custom resources and objects with unknown values keep their form. Members of `metadata` that only the
 * server sets are removed from every object.
 */
export function normalizeInputs(object: JsonObject): JsonObject {
  let result = structuredClone(object);
  if (!containsUnknowns(object) && isBuiltIn(stringAt(object, "apiVersion"))) {
    const gvk = gvkOf(object);
    if (gvk.kind === "Secret" && gvk.group === "") {
      normalizeSecret(result);
    } else if (gvk.kind === "CustomResourceDefinition") {
      delete result.status;
    } else {
      result = prune(normalizeMembers(result, gvk.kind), result);
    }
  }
  const metadata = result.metadata;
  if (isObject(metadata)) {
    result.metadata = without(metadata, READ_ONLY_METADATA);
  }
  return result;
}

function normalizeSecret(secret: JsonObject): void {
  const stringData = secret.stringData;
  const data = isObject(secret.data) ? secret.data : {};
  if (isObject(stringData) && Object.keys(stringData).length > 0) {
    for (const [key, value] of Object.entries(stringData)) {
      if (typeof value === "string") {
        data[key] = Buffer.from(value, "utf8").toString("base64");
      }
    }
    secret.data = data;
    delete secret.stringData;
    return;
  }
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === "string") {
      data[key] = Buffer.from(value, "base64").toString("base64");
    }
  }
}

/** Maps whose values are free text: an empty string in them means something. */
const TEXT_MAPS: ReadonlySet<string> = new Set([
  "annotations",
  "binaryData",
  "data",
  "labels",
  "matchLabels",
  "nodeSelector",
  "parameters",
  "stringData",
]);
const QUANTITY_MAPS: ReadonlySet<string> = new Set(["capacity", "hard", "limits", "overhead", "requests"]);
const QUANTITIES: ReadonlySet<string> = new Set(["divisor", "sizeLimit"]);
/** Lists that Go's types do not omit when they are empty. */
const KEPT_WHEN_EMPTY: ReadonlySet<string> = new Set(["containers", "rules", "values", "verbs"]);
/** Booleans and numbers that Go's types omit when they are zero; all others are pointers there, and zero is kept. */
const OMITTED_WHEN_ZERO: ReadonlySet<string> = new Set([
  "failureThreshold",
  "healthCheckNodePort",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostPort",
  "initialDelaySeconds",
  "minReadySeconds",
  "nodePort",
  "paused",
  "periodSeconds",
  "publishNotReadyAddresses",
  "readOnly",
  "stdin",
  "stdinOnce",
  "successThreshold",
  "timeoutSeconds",
  "tty",
]);

function normalizeMembers(object: JsonObject, kind: string): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    if (!isOmitted(key, value, kind)) {
      result[key] = normalizeMember(key, value, kind);
    }
  }
  return result;
}

function normalizeMember(key: string, value: Json, kind: string): Json {
  if (QUANTITIES.has(key)) {
    return asQuantity(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => (isObject(item) ? normalizeMembers(item, kind) : item));
  }
  if (!isObject(value) || TEXT_MAPS.has(key)) {
    return value;
  }
  if (!QUANTITY_MAPS.has(key)) {
    return normalizeMembers(value, kind);
  }
  return Object.fromEntries(Object.entries(value).map(([name, quantity]) => [name, asQuantity(quantity)]));
}

function asQuantity(value: Json): Json {
  return typeof value === "string" || typeof value === "number" ? canonicalQuantity(value) : value;
}

function isOmitted(key: string, value: Json, kind: string): boolean {
  if (value === "") {
    return true;
  }
  if (value === false || value === 0) {
    return OMITTED_WHEN_ZERO.has(key);
  }
  if (Array.isArray(value)) {
    return value.length === 0 && !KEPT_WHEN_EMPTY.has(key);
  }
  if (!isObject(value) || Object.keys(value).length > 0) {
    return false;
  }
  return TEXT_MAPS.has(key) || QUANTITY_MAPS.has(key) || (key === "selector" && kind === "Service");
}
