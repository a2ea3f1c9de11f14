import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, type TemporaryFolder } from "./temporaryFolder";

const repository = join(__dirname, "../../..");
const mocha = require.resolve("mocha/bin/mocha.js");

describe("the report of a run", () => {
  let folder: TemporaryFolder;
  before(() => {
    folder = createTemporaryFolder("report");
  });
  after(() => {
    folder.remove();
  });

  /** What mocha prints for tests with the configuration of this suite. */
  function run(tests: string, ...options: string[]): { status: number | null; stdout: string } {
    const file = join(folder.path, "tests.js");
    writeFileSync(file, tests);
    return spawnSync(process.execPath, [mocha, "--config", "test/e2e/mocharc.json", ...options, file], {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, FORCE_COLOR: "0" },
    });
  }

  it("names a test that fails at first, with the reason, and passes at the second try", () => {
    const { status, stdout } = run(`
      let tries = 0;
      describe("a machine", () => {
        it("is slow once", () => { if (tries++ === 0) throw new Error("not yet\\nthere"); });
        it("is fast", () => {});
      });`);
    assert.equal(status, 0, stdout);
    const reason = "1 needed a second try:\n\n  1) a machine is slow once\n     not yet\n     there\n";
    assert.ok(stdout.includes(`2 passing`), stdout);
    assert.ok(stdout.includes(reason), stdout);
  });

  it("fails with a test that fails twice, and says nothing of tries when none was needed", () => {
    assert.equal(run('it("is broken", () => { throw new Error("always"); });').status, 1);
    const { status, stdout } = run('it("is fine", () => {});');
    assert.equal(status, 0, stdout);
    assert.ok(stdout.includes("1 passing") && !stdout.includes("try"), stdout);
  });

  it("counts in what an earlier run has left, with its failures and second tries", () => {
    const summary = ["--reporter-option", `summary=${join(folder.path, "results.json")}`];
    const earlier = run(
      `let tries = 0;
      it("is slow once", () => { if (tries++ === 0) throw new Error("not yet"); });
      it("is broken", () => { throw new Error("always"); });`,
      ...[...summary, "--reporter-option", "last=no"],
    );
    assert.equal(earlier.status, 1);
    assert.doesNotMatch(earlier.stdout, /passing|failing/);
    const { stdout } = run('it("is fine", () => {});', ...summary);
    for (const part of [
      "2 passing",
      "1 failing",
      "1) is broken:\n     Error: always",
      "2 needed a second try",
    ]) {
      assert.ok(stdout.includes(part), stdout);
    }
  });

  it("fails when a test ends its process", () => {
    for (const code of [
      "process.exit(0)",
      "setTimeout(() => process.exit(0)); await new Promise(() => {})",
    ]) {
      assert.equal(run(`it("leaves", async () => { ${code} });`).status, 1, code);
    }
  });
});
