import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramStack } from "./engine";

/**
 * Searches the files of the state, history and backups included, as they stand on the disk: an export by the Automation
 * API decrypts them.
 *
 * @param hidden - What must stand there neither as it is nor in base64.
 * @param present - What stands there: a search of something else finds nothing ever.
 * @param when - When that is, for the message.
 */
export function assertNotInState(
  { backend }: ProgramStack,
  hidden: string,
  present: string,
  when: string,
): void {
  const texts = readdirSync(backend, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  assert.ok(
    texts.some((text) => text.includes(present)),
    `${when}: no ${present} in the state`,
  );
  for (const form of [hidden, Buffer.from(hidden).toString("base64")]) {
    assert.ok(!texts.some((text) => text.includes(form)), `${when}: a secret of somebody else in plain text`);
  }
}
