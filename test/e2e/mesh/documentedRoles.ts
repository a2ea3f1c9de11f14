import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseObjects } from "../stack/apply";
import type { PlainObject } from "../stack/apply";

/** The objects of docs/permissions.yaml: the rights that an update needs. */
export const documented: readonly PlainObject[] = parseObjects(
  readFileSync(resolve(__dirname, "../../../docs/permissions.yaml"), "utf8"),
);

interface Rule {
  resources: string[];
  verbs: string[];
}

/**
 * A Role without one right; everything else as it is.
 *
 * @param object - An object of the file.
 * @param resource - The resource.
 * @param verb - What may not be done with it any more.
 */
export function without(object: PlainObject, resource: string, verb: string): PlainObject {
  if (object.kind !== "Role") {
    return object;
  }
  // A Role of the documented file.
  const rules = (object.rules as Rule[]).map((rule) =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
  );
  return { ...object, rules };
}
