import { kubernetesObject, objectId } from "./kubernetesObject";
import type { RecordedResource } from "../offline/recordedResource";
import { redact, redactSecretObject } from "../offline/secretValue";

/** One resource as a report lists it. */
export interface ReportedResource {
  /** place in the order of creation, from 1 */
  readonly order: number;
  readonly urn: string;
  /** URN of the component it belongs to, or null */
  readonly parent: string | null;
  /** type token */
  readonly type: string;
  /** logical name */
  readonly name: string;
  /** kind of the Kubernetes object, else the last part of the type token */
  readonly kind: string;
  /** `namespace/name` of the Kubernetes object, or null */
  readonly object: string | null;
  readonly isComponent: boolean;
  /** an existing object is read, nothing is created */
  readonly isRead: boolean;
  /** an object that somebody else owns is patched by server-side apply */
  readonly isPatch: boolean;
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  /** URNs of what it waits for */
  readonly dependencies: readonly string[];
  /** what the program passed; secrets read `[secret]`, unknown values `[unknown]`; only where asked for */
  inputs?: unknown;
}

/** Describes resources, which are given in order of creation. */
export function describeResources(
  resources: readonly RecordedResource[],
  withInputs: boolean,
): ReportedResource[] {
  return resources.map((resource, index) => {
    const object = kubernetesObject(resource);
    const { urn, type, name, isRead, dependencies, options } = resource;
    const isSecret = object?.kind === "Secret";
    return {
      order: index + 1,
      urn,
      parent: resource.parent ?? null,
      type,
      name,
      kind: object?.kind ?? type.slice(type.lastIndexOf(":") + 1),
      object: object === undefined ? null : objectId(object),
      isComponent: !resource.custom,
      isRead,
      isPatch: object?.isPatch ?? false,
      retainOnDelete: options.retainOnDelete,
      protect: options.protect,
      dependencies,
      ...(withInputs
        ? { inputs: isSecret ? redactSecretObject(resource.inputs) : redact(resource.inputs) }
        : {}),
    };
  });
}
