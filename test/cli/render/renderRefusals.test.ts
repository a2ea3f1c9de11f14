import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixture, runCommand } from "../run";

describe("pulumi-sigsci-istio render, refused input", () => {
  const failures: Record<string, { args: string[]; exitCode: number; err: RegExp }> = {
    "an argument the program refuses": {
      args: [fixture("failing"), "-c", "how=input"],
      exitCode: 1,
      err: /^error: targets\[0\]\.name: must not be empty\n$/,
    },
    "a key that nobody reads, beside the refusal": {
      args: [fixture("failing"), "-c", "how=input", "-c", "pasword=x"],
      exitCode: 1,
      err: /^error: targets\[0\]\.name: .*\nnote: --config pasword: the program does not read it\. Did you mean password\?\n$/,
    },
    "an error of several lines": {
      args: [fixture("failing"), "-c", "how=resource"],
      exitCode: 1,
      err: /^error: two lines\n {7}of explanation\n$/,
    },
    "a read of what is not there": {
      args: [fixture("failing"), "-c", "how=read"],
      exitCode: 1,
      err: /^error: .*does not exist:\n {7}give its manifest with --workloads, or in a unit test with objects\n$/s,
    },
    "a mesh file that is not there": {
      args: [fixture("waf"), "--mesh", "nowhere.yaml"],
      exitCode: 1,
      err: /^error: cannot read nowhere\.yaml: no such file\n$/,
    },
    "a workload file that is not there": {
      args: [fixture("waf"), "--workloads", "nowhere.yaml"],
      exitCode: 1,
      err: /no such file/,
    },
    "a folder that is not there": { args: [fixture("nowhere")], exitCode: 2, err: /does\s+not\s+exist/ },
    "a folder without a program": { args: [__dirname], exitCode: 2, err: /holds no\s+Pulumi\.yaml/ },
    "an unknown flag": { args: ["--bogus"], exitCode: 2, err: /unknown option '--bogus'/ },
    "a second folder": { args: ["a", "b"], exitCode: 2, err: /too many arguments/ },
    "standard input for two things": {
      args: [fixture("waf"), "--mesh", "-", "--workloads", "-"],
      exitCode: 2,
      err: /standard input/,
    },
  };
  for (const [what, { args, exitCode, err }] of Object.entries(failures)) {
    it(`explains ${what} and ends with ${exitCode}`, async () => {
      const result = await runCommand(["render", ...args]);
      assert.match(result.err, err);
      assert.equal(result.out, "");
      assert.equal(result.exitCode, exitCode);
      for (const line of result.err.split("\n")) {
        assert.ok(line.length <= 80, line);
      }
    });
  }
});

describe("pulumi-sigsci-istio", () => {
  it("prints its version", async () => {
    const manifest: unknown = JSON.parse(
      readFileSync(join(__dirname, "..", "..", "..", "package.json"), "utf8"),
    );
    assert.ok(typeof manifest === "object" && manifest !== null && "version" in manifest);
    assert.deepEqual(await runCommand(["--version"]), {
      exitCode: 0,
      out: `${String(manifest.version)}\n`,
      err: "",
    });
  });

  it("prints help of at most 80 columns for itself and for each command", async () => {
    for (const args of [["--help"], ["render", "--help"]]) {
      const { exitCode, out } = await runCommand(args);
      assert.equal(exitCode, 0);
      assert.match(out, /^Usage: pulumi-sigsci-istio/);
      for (const line of out.split("\n")) {
        assert.ok(line.length <= 80, line);
      }
    }
  });

  it("takes a missing or unknown command for wrong usage", async () => {
    assert.equal((await runCommand([])).exitCode, 2);
    const { exitCode, err } = await runCommand(["rendr"]);
    assert.equal(exitCode, 2);
    assert.match(err, /unknown command 'rendr'/);
  });
});
