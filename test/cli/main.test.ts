import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fixture } from "./run";

interface ProcessResult {
  readonly exitCode: number | string;
  readonly out: string;
  readonly err: string;
}

const MAIN = join(__dirname, "..", "..", "src", "cli", "main.ts");

/** Runs the executable in a process of its own. */
function run(...args: string[]): Promise<ProcessResult> {
  const node = ["-r", "ts-node/register/transpile-only", MAIN, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, node, { timeout: 60_000 }, (error, out, err) => {
      resolve({ exitCode: error?.code ?? 0, out, err });
    });
  });
}

describe("the pulumi-sigsci-istio executable", () => {
  it("ends with an error, not silently, when the program waits for ever", async () => {
    const { exitCode, out, err } = await run("render", fixture("failing"), "-c", "how=never");
    assert.match(err, /^error: the program waits for a value that never comes/);
    assert.equal(out, "");
    assert.equal(exitCode, 1);
  }).timeout(90_000);

  it("prints a whole report into a pipe, without colours", async () => {
    const { exitCode, out, err } = await run("render", fixture("waf"), "--json");
    assert.equal(err, "");
    assert.equal(exitCode, 0);
    const report: unknown = JSON.parse(out);
    assert.ok(typeof report === "object" && report !== null && "resources" in report);
    assert.ok(Array.isArray(report.resources));
    assert.equal(report.resources.length, 14);
  }).timeout(90_000);
});
