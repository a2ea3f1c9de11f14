import type * as pulumi from "@pulumi/pulumi";
import { textAt, textMapAt } from "../kubernetes/liveObject";
import type { Annotations } from "../kubernetes/ownership";

/** What a run reads of a mesh ConfigMap. It comes from the API server: its fields are checked, not trusted. */
export interface LiveConfigMap {
  /** Field `data`. */
  data: pulumi.Output<unknown>;
  /** Field `metadata`. */
  metadata: pulumi.Output<unknown>;
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
