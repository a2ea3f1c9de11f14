import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isRecord } from "../../src/pulumi/inputs";

const blocks = read("guide.yaml");

/** The guide's EnvoyFilter. */
export const guideEnvoyFilter = read("../enforcement/envoyFilter/guideEnvoyFilter.yaml");

/**
 * A block of the guide, as plain data.
 *
 * @param name - Its name in `guide.yaml`.
 * @param path - A field of it.
 */
export function guide(name: string, ...path: (string | number)[]): unknown {
  return field(blocks, name, ...path);
}

/**
 * A field of plain data. Fails when it is not there.
 *
 * @param value - The data.
 * @param path - Keys and positions.
 */
export function field(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    assert.ok(isRecord(inner) || Array.isArray(inner), `${path.join(".")}: nothing has the field ${key}`);
    const found: unknown = Reflect.get(inner, key);
    assert.notEqual(found, undefined, `${path.join(".")}: there is no ${key}`);
    return found;
  }, value);
}

function read(file: string): unknown {
  const data: unknown = parse(readFileSync(join(__dirname, file), "utf8"));
  return data;
}
