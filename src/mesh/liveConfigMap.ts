import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { textAt, textMapAt } from "../kubernetes/liveObject";
import type { Annotations } from "../kubernetes/ownership";

/** What a run reads of a mesh ConfigMap. It comes from the API server: its fields are checked, not trusted. */
export interface LiveConfigMap {
  /** Field `data`. */
  data: pulumi.Output<unknown>;
  /** Field `metadata`. */
  metadata: pulumi.Output<unknown>;
}

/** A read of a mesh ConfigMap: the resource, for what waits for it, and what it found. */
export interface ConfigMapRead extends Pick<k8s.core.v1.ConfigMap, keyof LiveConfigMap> {
  /** The read as a resource. */
  resource: k8s.core.v1.ConfigMap;
}

/**
 * Reads a mesh ConfigMap. To the engine all of it is secret, so a preview does not show the metadata that changes with
 * every write, nor does the state hold the live text in plain text. What a run says and writes of it is to be read.
 */
export function readConfigMap(
  name: string,
  id: pulumi.Input<pulumi.ID>,
  options: pulumi.CustomResourceOptions,
): ConfigMapRead {
  const resource = k8s.core.v1.ConfigMap.get(name, id, {
    ...options,
    additionalSecretOutputs: ["data", "metadata"],
  });
  return {
    resource,
    data: pulumi.unsecret(resource.data),
    metadata: pulumi.unsecret(resource.metadata),
  };
}

/** The key `mesh` of the field `data`; undefined when there is no such key. */
export function liveText(data: unknown): string | undefined {
  return textAt(data, "mesh");
}

/** The annotations in the field `metadata`. */
export function liveAnnotations(metadata: unknown): Annotations {
  return textMapAt(metadata, "annotations");
}

/** The version of the object, from the field `metadata`. */
export function liveVersion(metadata: unknown): string {
  return textAt(metadata, "resourceVersion") ?? "unknown";
}
