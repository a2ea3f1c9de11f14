import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramStack } from "../../stack/engine";
import { at, stringAt } from "../paths";
import type { Json } from "../values";

/** The exported state shows a secret as its plain JSON beside a signature. */
export function assertSecret(value: Json | undefined, expected: Json): void {
  assert.equal(at(value, "4dabf18193072939515e22adb298388d"), "1b47061264138c4ac30d75fd1eb44270");
  assert.deepEqual(JSON.parse(stringAt(value, "plaintext")), expected);
}

/** The state as it lies on disk holds neither the value nor its usual encoding. */
export function assertNotOnDisk(stack: ProgramStack, value: string): void {
  const encoded = Buffer.from(value).toString("base64");
  const entries = readdirSync(stack.backend, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.includes(".json"));
  assert.ok(files.length > 0, "the backend holds no state");
  for (const file of files) {
    const text = readFileSync(join(file.parentPath, file.name), "utf8");
    assert.ok(
      !text.includes(value) && !text.includes(encoded),
      `${file.name} holds the secret in plain text`,
    );
  }
}
