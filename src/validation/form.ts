import { isDeepStrictEqual } from "node:util";
import { isDeferred, isRecord } from "../pulumi/inputs";

/** A right value, and how a program writes it. */
export interface Form {
  /** The value. */
  value: unknown;
  /** The code for it. */
  code: string;
}

/** Right forms for a value that was given in a wrong one; several where any of them may be meant. */
export type Forms = (given?: unknown) => Form[];

/** Plain data as a program writes it. */
export function formOf(value: unknown): Form {
  return { value, code: codeOf(value) };
}

function codeOf(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(codeOf).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    return objectCode(Object.entries(value).map(([name, one]) => [name, codeOf(one)]));
  }
  return JSON.stringify(value);
}

/** A list with one entry. */
export function listForm({ value, code }: Form): Form {
  return { value: [value], code: `[${code}]` };
}

/** An object of fields in their right forms. */
export function objectForm(fields: readonly (readonly [name: string, form: Form])[]): Form {
  return {
    value: Object.fromEntries(fields.map(([name, { value }]) => [name, value])),
    code: objectCode(fields.map(([name, { code }]) => [name, code])),
  };
}

function objectCode(fields: readonly (readonly [name: string, code: string])[]): string {
  const entries = fields.map(
    ([name, code]) => `${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${code}`,
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** The forms that may be meant by a value: none when it is only an example that is shown. */
export function readFrom(given: unknown, forms: Forms): Form[] {
  const right = forms(given);
  const [example, ...others] = forms();
  if (right.length !== 1 || others.length > 0 || !isDeepStrictEqual(right[0]?.value, example?.value)) {
    return right;
  }
  const one = alone(given);
  return isSingle(one) && String(one) === String(example?.value) ? right : [];
}

/** What to write at a path, with and without a word of the value that stands there. */
export function advice(path: string, given: unknown, forms: Forms): { remedy: string; general: string } {
  const right = forms(given);
  const wantsText = right.every(({ value }) => typeof value === "string");
  const isUnquoted = wantsText && (typeof given === "number" || typeof given === "boolean");
  return {
    remedy: `${writeAt(path, right)}${isUnquoted ? "; `pulumi config set` takes it with `--type string`" : ""}.`,
    general: `${writeAt(path, forms())}.`,
  };
}

function writeAt(path: string, forms: readonly Form[]): string {
  const name = /(?:^|\.)(\w+)$/.exec(path)?.[1];
  return writeOne(
    forms.map(({ code }) => code),
    name === undefined ? "" : `${name}: `,
  );
}

/** The advice to write one of several things. */
export function writeOne(codes: readonly string[], before = ""): string {
  const last = codes.slice(-1).join("");
  return `Write ${before}${codes.length > 1 ? `${codes.slice(0, -1).join(", ")} or ${last}` : last}`;
}

/** A single value: neither an object, nor nothing, nor known only later. */
export function isSingle(value: unknown): value is string | number | boolean {
  return !isDeferred(value) && ["string", "number", "boolean"].includes(typeof value);
}

/** What may be meant alone: the only entry of a list, the name in a reference of Kubernetes. */
export function alone(given: unknown): unknown {
  const one: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  return isRecord(one) && Object.keys(one).join() === "name" ? one.name : one;
}

const bytesPerUnit: Readonly<Record<string, number>> = { "": 1, s: 1, "%": 1, k: 1024, m: 1024 ** 2 };

/** The number that a text such as `"8080"`, `"64k"`, `"1Mi"`, `"30s"` or `"25%"` means. */
export function numberIn(text: string): number | undefined {
  const [, digits, unit = ""] = /^\s*(-?\d+(?:\.\d+)?)\s*(s|%|[kKM](?:i?B?))?\s*$/.exec(text) ?? [];
  const factor = bytesPerUnit[unit === "%" || unit === "s" ? unit : unit.slice(0, 1).toLowerCase()];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** The truth value that a text such as `"true"`, `"No"` or `"off"` means. */
export function truthIn(text: string): boolean | undefined {
  if (/^(true|yes|on|1)$/i.test(text)) {
    return true;
  }
  return /^(false|no|off|0)$/i.test(text) ? false : undefined;
}

/** The entries that texts such as `"app=web"` or `"app: web"` mean. */
export function entriesIn(given: unknown): [key: string, value: string][] | undefined {
  const texts: unknown[] = typeof given === "string" ? given.split(",") : Array.isArray(given) ? given : [];
  const entries = texts.flatMap((text): [string, string][] => {
    const [, key, value] =
      typeof text === "string" ? (/^\s*([^=:\s]+)\s*[=:]\s*(\S+)\s*$/.exec(text) ?? []) : [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
  return entries.length > 0 && entries.length === texts.length ? entries : undefined;
}
