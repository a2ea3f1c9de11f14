import { randomBytes, randomInt } from "node:crypto";
import { isObject, makeSecret, plain, type Json, type JsonObject } from "../values";

/** Outputs of a random resource, with the Pulumi id that goes with them. */
export interface Generated {
  readonly id: string;
  readonly outputs: JsonObject;
}

/** The outputs of a RandomId for given bytes: the same number in four notations, each behind the prefix. */
export function randomIdOutputs(bytes: Buffer, prefix: string): Generated {
  const hex = bytes.toString("hex");
  const url = bytes.toString("base64url");
  return {
    id: url,
    outputs: {
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + url,
      dec: prefix + BigInt(`0x${hex}`).toString(10),
      hex: prefix + hex,
    },
  };
}

const CLASSES = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
const MINIMUMS = {
  lower: "minLower",
  upper: "minUpper",
  numeric: "minNumeric",
  special: "minSpecial",
} as const;

/** A string of the length and the kinds of characters that the inputs of a RandomString ask for. */
export function randomText(inputs: JsonObject): string {
  const length = numberOf(inputs.length, 0);
  const classes = (["lower", "upper", "numeric", "special"] as const)
    .filter((name) => inputs[name] !== false)
    .map((name) => ({
      characters: name === "special" ? textOf(inputs.overrideSpecial) || CLASSES.special : CLASSES[name],
      minimum: numberOf(inputs[MINIMUMS[name]], 0),
    }));
  const alphabet = classes.map(({ characters }) => characters).join("");
  const picked = classes.flatMap(({ characters, minimum }) => pick(characters, minimum));
  return shuffle([...picked, ...pick(alphabet, length - picked.length)]).join("");
}

/** Generates the outputs of one resource of the given class, e.g. `RandomId`; the inputs carry secret marks. */
export function generate(kind: string, markedInputs: JsonObject): Generated {
  const inputs = plain(markedInputs);
  if (kind === "RandomId") {
    const bytes = randomBytes(numberOf(inputs.byteLength, 0));
    return randomIdOutputs(bytes, textOf(inputs.prefix));
  }
  const result = randomText(inputs);
  if (kind === "RandomString") {
    return { id: result, outputs: { result } };
  }
  if (kind === "RandomPassword") {
    return { id: "none", outputs: { result: makeSecret(result) } };
  }
  throw new Error(`the stand-in for the random provider does not know ${kind}`);
}

/** Names of the outputs that are unknown until the resource is created. */
export function outputNames(kind: string): string[] {
  return kind === "RandomId" ? ["b64Std", "b64Url", "dec", "hex"] : ["result"];
}

/** Keys of inputs that differ between two sets; each of them replaces the resource. */
export function changedKeys(olds: JsonObject, news: JsonObject): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => !key.startsWith("__") && stable(olds[key]) !== stable(news[key]));
}

function stable(value: Json | undefined): string {
  if (!isObject(value)) {
    return JSON.stringify(value ?? null);
  }
  return JSON.stringify(Object.entries(value).sort(([first], [second]) => first.localeCompare(second)));
}

function pick(characters: string, count: number): string[] {
  return Array.from({ length: Math.max(count, 0) }, () => characters[randomInt(characters.length)] ?? "");
}

function shuffle(items: string[]): string[] {
  return items
    .map((item) => ({ item, order: randomInt(2 ** 31) }))
    .sort((first, second) => first.order - second.order)
    .map(({ item }) => item);
}

function numberOf(value: Json | undefined, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
