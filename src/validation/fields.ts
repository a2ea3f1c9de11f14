import { isRecord } from "../pulumi/inputs";
import { closest } from "./closest";
import { correction } from "./correction";
import { formOf, isSingle, listForm, objectForm, writeOne } from "./form";
import type { Form } from "./form";
import type { KnownFields, Shape, ShapeProblem } from "./shapeType";

/** Why fields that users know from elsewhere cannot work here, and what to do; without that they are removed. */
export type RefusedFields = Readonly<Record<string, string | { reason: string; remedy: string }>>;

interface Given {
  refused: RefusedFields;
  otherNames: Readonly<Record<string, string>>;
  known: readonly string[];
  open: boolean;
  value: unknown;
}

/** The refusal of a field that an object does not have; of one that may have others, if it looks misspelt. */
export function unknownField(
  name: string,
  path: string,
  { refused, otherNames, known, open, value }: Given,
): ShapeProblem[] {
  const why = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (why !== undefined) {
    const { reason, remedy } = typeof why === "string" ? { reason: why, remedy: "Remove it." } : why;
    return [{ path, reason, remedy, wrongType: true }];
  }
  const unknown = { path, reason: "there is no such argument", wrongType: true } as const;
  const meant = Object.hasOwn(otherNames, name) ? otherNames[name] : closest(name, known);
  if (meant !== undefined) {
    return [{ ...unknown, remedy: `Did you mean ${meant}?` }];
  }
  const remedy = `Known are: ${[...known].sort().join(", ")}.`;
  return open
    ? []
    : [{ ...unknown, remedy, placeIn: (holder, fields) => placed(name, value, path, holder, fields) }];
}

/** The fields inside of a value that are not known, where there may be such; nothing deferred is looked at. */
export function otherFields(shape: Shape, value: unknown, path: string): string[] {
  const { fields } = shape;
  if (fields?.inList && Array.isArray(value)) {
    const entry = Object.assign((): [] => [], { fields: { ...fields, inList: false } });
    return value.flatMap((one, index) => otherFields(entry, one, `${path}[${index}]`));
  }
  if (fields === undefined || !isRecord(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([name, one]) => {
    const known = fields.shapes.get(name);
    const at = path === "" ? name : `${path}.${name}`;
    return known === undefined ? (fields.open && one !== undefined ? [at] : []) : otherFields(known, one, at);
  });
}

/** The refusal that says where a field belongs, if it is known further inside of an object. */
function placed(
  name: string,
  value: unknown,
  path: string,
  holder: string,
  fields: KnownFields,
): ShapeProblem | undefined {
  const places = placesOf(name, fields);
  if (places.length === 0) {
    return undefined;
  }
  const paths = places.map((place) => [holder, pathOf(place)].filter((part) => part !== "").join("."));
  // The braces are those of the holder.
  const codes = places.map((place) => formAt(place, value).code.slice(2, -2));
  const [place] = places;
  const isClear = place !== undefined && places.length === 1 && !place.some(({ inList }) => inList);
  return {
    path,
    reason: `there is no such argument here; it is ${paths.join(" or ")}`,
    remedy: `${writeOne(codes)}.`,
    ...(isClear && {
      followed: correction(paths[0] ?? "", valueAt(place, formAt(place, value).value), path),
    }),
    wrongType: true,
  };
}

/** The value inside of objects that have one field each, as many as a place has steps. */
function valueAt(place: Place, value: unknown): unknown {
  return place.reduce<unknown>((inner, { name }) => (isRecord(inner) ? inner[name] : undefined), value);
}

/** A way from an object to a field inside it. */
type Place = readonly { name: string; shape: Shape; inList: boolean }[];

/** The fields of a name that are nearest to the object: those that the fewest others hold. */
function placesOf(name: string, fields: KnownFields): Place[] {
  let level: Place[] = [...fields.shapes].map(([field, shape]) => [step(field, shape)]);
  while (level.length > 0) {
    const found = level.filter((place) => place.at(-1)?.name === name);
    if (found.length > 0) {
      return found;
    }
    level = level.flatMap((place) =>
      [...(place.at(-1)?.shape.fields?.shapes ?? [])].map(([field, shape]) => [...place, step(field, shape)]),
    );
  }
  return [];
}

function step(name: string, shape: Shape): Place[number] {
  return { name, shape, inList: shape.fields?.inList ?? false };
}

function pathOf(place: Place): string {
  return place
    .map(({ name, inList }, index) => (inList && index < place.length - 1 ? `${name}[]` : name))
    .join(".");
}

function formAt([first, ...rest]: Place, value: unknown): Form {
  if (first === undefined) {
    return formOf(value);
  }
  const { name, shape, inList } = first;
  if (rest.length > 0) {
    const inner = formAt(rest, value);
    return objectForm([[name, inList ? listForm(inner) : inner]]);
  }
  const [form = formOf("…")] = isSingle(value) ? (shape.forms?.(value) ?? []) : (shape.forms?.() ?? []);
  return objectForm([[name, form]]);
}
