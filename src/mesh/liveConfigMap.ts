import { textAt, textMapAt } from "../kubernetes/liveObject";
import type { Annotations } from "../kubernetes/ownership";

/**
 * The key `mesh`. The live object comes from the API server: its fields are checked, not trusted.
 *
 * @param data - Field `data` of the ConfigMap.
 * @returns undefined when there is no such key.
 */
export function liveText(data: unknown): string | undefined {
  return textAt(data, "mesh");
}

/**
 * The annotations.
 *
 * @param metadata - Field `metadata` of the ConfigMap.
 */
export function liveAnnotations(metadata: unknown): Annotations {
  return textMapAt(metadata, "annotations");
}

/**
 * The version of the object.
 *
 * @param metadata - Field `metadata` of the ConfigMap.
 */
export function liveVersion(metadata: unknown): string {
  return textAt(metadata, "resourceVersion") ?? "unknown";
}
