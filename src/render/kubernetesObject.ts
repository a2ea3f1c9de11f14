import type { RecordedResource } from "../offline/recordedResource";
import { isPlainObject, reveal } from "../offline/secretValue";

/** A Kubernetes object that a recorded resource stands for. */
export interface KubernetesObject {
  readonly resource: RecordedResource;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** undefined for objects outside namespaces */
  readonly namespace: string | undefined;
  /** true for a server-side-apply patch of an object that somebody else owns */
  readonly isPatch: boolean;
}

function textAt(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The object behind a resource, or undefined if it is none (a component, a provider, a random id). */
export function kubernetesObject(resource: RecordedResource): KubernetesObject | undefined {
  if (!resource.custom || !resource.type.startsWith("kubernetes:")) {
    return undefined;
  }
  // A read gives no inputs; what it found tells.
  const source = resource.isRead ? resource.outputs : resource.inputs;
  const [apiVersion, kind] = [textAt(source.apiVersion), textAt(source.kind)];
  const metadata = reveal(resource.outputs.metadata);
  if (apiVersion === undefined || kind === undefined || !isPlainObject(metadata)) {
    return undefined;
  }
  return {
    resource,
    apiVersion,
    kind,
    name: textAt(metadata.name) ?? resource.name,
    namespace: textAt(metadata.namespace),
    isPatch: !resource.isRead && resource.type.endsWith(`:${kind}Patch`),
  };
}

/** `namespace/name`, or the name alone for objects outside namespaces. */
export function objectId({ namespace, name }: { namespace: string | undefined; name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
