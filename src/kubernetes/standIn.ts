import { textAt } from "./liveObject";

/**
 * Annotation of an object that an offline run makes up or takes from a file in place of the live one. What depends on
 * the live object is then a remark and never a refusal.
 */
export const standInAnnotation = "pulumi-sigsci-istio/stand-in";

/** Whether an object stands in for a live one. */
export function isStandIn(metadata: unknown): boolean {
  return textAt(metadata, "annotations", standInAnnotation) !== undefined;
}
