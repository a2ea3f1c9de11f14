import assert from "node:assert/strict";
import type { CommandEnd } from "./commandLine";

/**
 * What the last list "Diagnostics" of a command says, by logical name of the resource that it is attached to.
 *
 * @param output - What the command printed.
 */
export function diagnosticsOf(output: string): Map<string, string> {
  const found = new Map<string, string>();
  const [, list = ""] = output.split("\nDiagnostics:\n").slice(-2);
  let name = "";
  for (const line of list.split("\n")) {
    if (/^\S/.test(line)) {
      break;
    }
    const heading = /^ {2}\S+ \((.+)\):$/.exec(line)?.[1];
    if (heading !== undefined) {
      name = heading;
    }
    // The engine moves every line four columns to the right.
    else if (line !== "") {
      found.set(name, `${found.get(name) ?? ""}${line.slice(4)}\n`);
    }
  }
  return found;
}

/**
 * Asserts that a command failed with messages that are meant for people.
 *
 * @param end - The command.
 */
export function assertReadableFailure({ code, output }: CommandEnd): void {
  assert.notEqual(code, 0, output);
  assert.notEqual(code, null, output);
  assert.doesNotMatch(output, /^ *at .*(?::\d+:\d+|node:internal)/m);
  for (const noise of [
    "unhandled",
    "PromiseRejection",
    "[object ",
    "undefined",
    "\u001b[",
    "error: Error:",
  ]) {
    assert.ok(!output.includes(noise), `${noise} is in\n${output}`);
  }
}

/** Asserts that a command ended well, and gives what it printed. */
export function succeeded({ code, output }: CommandEnd): string {
  assert.equal(code, 0, output);
  return output;
}
