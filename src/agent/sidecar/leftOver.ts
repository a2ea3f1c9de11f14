import { isRecord } from "../../pulumi/inputs";
import { at } from "../../kubernetes/liveObject";

/**
 * Whether an item of a list is left over: managers say of it that it is there and what its name is, and none of them
 * owns anything else of it. That is what remains of a volume that its owner took away by server-side apply while our
 * patch lists its name.
 *
 * @param managedFields - `metadata.managedFields` of the live object; when they are missing, nothing is left over.
 * @param list - Field of the pod spec, for example `volumes`.
 * @param name - Name of the item.
 */
export function isLeftOver(managedFields: unknown, list: string, name: string): boolean {
  const entries: unknown[] = Array.isArray(managedFields) ? managedFields : [];
  const path = ["fieldsV1", "f:spec", "f:template", "f:spec", `f:${list}`, `k:${JSON.stringify({ name })}`];
  const owned = entries.map((entry) => at(entry, ...path)).filter(isRecord);
  return (
    owned.length > 0 &&
    owned.every((fields) => Object.keys(fields).every((key) => key === "." || key === "f:name"))
  );
}
