import assert from "node:assert/strict";
import { isRecord } from "../../src/pulumi/inputs";

/** A field in which the product's object differs from the guide's. */
export interface Difference {
  /** Where it stands, for example `spec.ports[grpc]`; list items go by their name where all have one. */
  within: string;
  /** The field; an item of a list in brackets. */
  field: string;
  /** The guide's value; absent when the guide has none. */
  guide?: unknown;
  /** Ours; absent when we have none. A pattern stands for a text that it matches. */
  ours?: unknown;
  /** Why; the table says the same. */
  why: string;
}

/** Fields that we add. */
export function added(within: string, fields: Record<string, unknown>, why: string): Difference[] {
  return Object.entries(fields).map(([field, ours]) => ({ within, field, ours, why }));
}

/** A field with another value. */
export function changed(at: string, guide: unknown, ours: unknown, why: string): Difference[] {
  return [{ ...placeOf(at), guide, ours, why }];
}

/** A field that we leave out. */
export function dropped(at: string, guide: unknown, why: string): Difference[] {
  return [{ ...placeOf(at), guide, why }];
}

/** The field that a path without dots in names ends with. */
function placeOf(at: string): Pick<Difference, "within" | "field"> {
  const [, within = "", field = at] = /^(.*?)\.?([^.[\]]+|\[[^\]]*\])$/.exec(at) ?? [];
  return { within, field };
}

/**
 * The reasons, each once and behind the fields that it is for, or behind what holds them when these are many.
 */
export function reasonsOf(named: readonly Difference[]): string[] {
  return [...new Set(named.map(({ why }) => why))].map((why) => {
    const places = named.filter((one) => one.why === why);
    const names = places.map(({ within, field }) => {
      const many = places.filter((one) => one.within === within).length > 3;
      return many || field.startsWith("[") ? lastName(within) : field;
    });
    return `${[...new Set(names)].map((name) => `\`${name}\``).join(", ")}: ${why}`;
  });
}

function lastName(path: string): string {
  return /[^.[\]]+(?=(\[[^\]]*\])?$)/.exec(path)?.[0] ?? path;
}

/** Fails unless the two objects differ in the named fields and in nothing else. */
export function assertDifferences(guide: unknown, ours: unknown, named: readonly Difference[]): void {
  const found = new Map(differences("", guide, ours).map((one) => [one.at, one]));
  const expected = named.map(({ within, field, guide: theirs, ours: own }) => {
    const at = joined(within, field);
    const actual = found.get(at)?.ours;
    const matches = own instanceof RegExp && typeof actual === "string" && own.test(actual);
    return { at, guide: theirs, ours: matches ? actual : own };
  });
  assert.deepEqual([...found.values()].sort(byPlace), expected.sort(byPlace));
}

/** A difference that is there. */
interface Found extends Pick<Difference, "guide" | "ours"> {
  at: string;
}

function differences(at: string, guide: unknown, ours: unknown): Found[] {
  const [theirs, own] = [fieldsOf(guide, ours), fieldsOf(ours, guide)];
  if (theirs === undefined || own === undefined) {
    return sameLeaf(guide, ours) ? [] : [{ at, guide, ours }];
  }
  const keys = new Set([...theirs.keys(), ...own.keys()]);
  return [...keys].flatMap((key) => differences(joined(at, key), theirs.get(key), own.get(key)));
}

/** Fields of an object or items of a list, when the other one is of the same kind. */
function fieldsOf(value: unknown, other: unknown): Map<string, unknown> | undefined {
  if (isRecord(value) && isRecord(other)) {
    return new Map(Object.entries(value).filter(([, one]) => one !== undefined));
  }
  if (!Array.isArray(value) || !Array.isArray(other)) {
    return undefined;
  }
  const items: unknown[] = value;
  const others: unknown[] = other;
  const named = [...items, ...others].every((item) => isRecord(item) && typeof item.name === "string");
  const entries = items.map((item, index): [string, unknown] => [
    `[${named && isRecord(item) ? String(item.name) : index}]`,
    item,
  ]);
  assert.equal(new Set(entries.map(([key]) => key)).size, entries.length, "names in a list are unique");
  return new Map(entries);
}

function sameLeaf(guide: unknown, ours: unknown): boolean {
  return Object.is(guide, ours);
}

function joined(at: string, key: string): string {
  return at === "" || key.startsWith("[") ? `${at}${key}` : `${at}.${key}`;
}

function byPlace(a: Found, b: Found): number {
  return a.at < b.at ? -1 : 1;
}
