import type { PlainObject } from "../../stack/apply";

/** Plain data with names. */
export type Fields = Readonly<Record<string, unknown>>;

/** The metadata and the spec of the pods that an object makes, or of the pod that it is; undefined if none. */
export function podTemplateOf(object: PlainObject): { metadata: Fields; spec: Fields } | undefined {
  if (object.kind === "Pod") {
    return { metadata: object.metadata, spec: fields(object.spec) };
  }
  const spec = fields(object.spec);
  const template = fields(spec.template ?? fields(fields(spec.jobTemplate).spec).template);
  const podSpec = fields(template.spec);
  return Array.isArray(podSpec.containers)
    ? { metadata: fields(template.metadata), spec: podSpec }
    : undefined;
}

/** The fields of a value; none when it has none. */
export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The items of a list; none when it is no list. */
export function items(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}
