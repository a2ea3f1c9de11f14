import { containsDeferred, isRecord } from "../pulumi/inputs";
import { closest } from "./closest";
import { correction } from "./correction";
import { formOf, isSingle, listForm, objectForm, readFrom, writeOne } from "./form";
import type { Form } from "./form";
import type { KnownFields, Shape, ShapeProblem } from "./shapeType";

/** Why fields that users know from elsewhere cannot work here, and what to do; without that they are removed. */
export type RefusedFields = Readonly<Record<string, string | { reason: string; remedy: string }>>;

interface Given {
  refused: RefusedFields;
  otherNames: Readonly<Record<string, string>>;
  known: readonly string[];
  required: readonly string[];
  open: boolean;
  holder: Readonly<Record<string, unknown>>;
}

/** The refusal of a field that an object does not have; of one that may have others, if it looks misspelt. */
export function unknownField(name: string, placeOf: (name: string) => string, given: Given): ShapeProblem[] {
  const { refused, known, open, holder } = given;
  const path = placeOf(name);
  const removed = [correction(path, undefined)];
  const why = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (typeof why === "object") {
    return [{ path, ...why, wrongType: true }];
  }
  if (why !== undefined) {
    return [{ path, reason: why, remedy: "Remove it.", followed: removed, wrongType: true }];
  }
  const unknown = { path, reason: "there is no such argument", wrongType: true } as const;
  const meant = meantField(name, given);
  if (meant !== undefined) {
    const renamed = holder[meant] === undefined ? [correction(placeOf(meant), holder[name], path)] : removed;
    return [{ ...unknown, remedy: `Did you mean ${meant}?`, followed: renamed }];
  }
  const remedy = `Known are: ${[...known].sort().join(", ")}.`;
  return open
    ? []
    : [
        {
          ...unknown,
          remedy,
          followed: removed,
          placeIn: (around, fields) => placed(name, holder[name], path, around, fields),
        },
      ];
}

/** The field that is meant by another name: one that is near, or the only one that must be there yet and has its letters. */
function meantField(name: string, { otherNames, known, required, holder }: Given): string | undefined {
  const own = Object.hasOwn(otherNames, name) ? otherNames[name] : closest(name, known);
  const [missing, ...others] = required.filter((field) => holder[field] === undefined);
  return (
    own ?? (missing !== undefined && others.length === 0 && isShortFor(name, missing) ? missing : undefined)
  );
}

/** Whether a word has letters of a longer one, in its order: `ns` of `namespace`. */
function isShortFor(word: string, longer: string): boolean {
  let next = 0;
  for (const letter of word.toLowerCase()) {
    next = longer.toLowerCase().indexOf(letter, next) + 1;
    if (next === 0) {
      return false;
    }
  }
  return true;
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
  const [place, ...others] = places;
  const isClear = place !== undefined && others.length === 0 && !place.some(({ inList }) => inList);
  return {
    path,
    reason: `there is no such argument here; it is ${paths.join(" or ")}`,
    remedy: `${writeOne(codes)}.`,
    followed: isClear ? meantAt(place, value).map((one) => correction(paths[0] ?? "", one, path)) : [],
    wrongType: true,
  };
}

/** What a value may mean at a place: itself where it is right there. */
function meantAt(place: Place, value: unknown): unknown[] {
  const shape = place.at(-1)?.shape;
  return shape === undefined || shape(value, "").length === 0
    ? [value]
    : readFrom(value, shape.forms ?? (() => [])).map((form) => form.value);
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
  if (shape(value, "").length === 0 && !containsDeferred(value) && !isHidden(shape)) {
    return objectForm([[name, formOf(value)]]);
  }
  const [form = formOf("…")] = isSingle(value) ? (shape.forms?.(value) ?? []) : (shape.forms?.() ?? []);
  return objectForm([[name, form]]);
}

/** Whether a secret may stand in it. */
function isHidden({ hidden, fields }: Shape): boolean {
  return hidden === true || [...(fields?.shapes.values() ?? [])].some(isHidden);
}
