import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../../render/temporaryFolder";
import { runCommand } from "../run";
import { edge, manifest, widest, withFile } from "./files";

describe("pulumi-sigsci-istio mesh, refused input", () => {
  const failures: Record<string, { args: string[]; exitCode: number; err: RegExp }> = {
    "nothing to add": { args: ["add"], exitCode: 2, err: /Nothing to add/ },
    "wrong values, all at once": {
      args: ["add", "--name", "A", "--service", "a b", "--timeout", "5", "--request-header", "a:"],
      exitCode: 2,
      err: /--service a b: [^]*--name or --ext-authz-name A-ext-authz: [^]*--timeout 5: [^]*--request-header a:: /,
    },
    "a host without its namespace": {
      args: ["add", "--name", "waf", "--service", "waf-agent"],
      exitCode: 2,
      err: /Write\s+--service\s+waf-agent\.sigsci\.svc\.cluster\.local\./,
    },
    "a host without its domain": {
      args: ["add", "--name", "waf", "--service", "waf-agent.edge.svc"],
      exitCode: 2,
      err: /Write\s+--service\s+waf-agent\.edge\.svc\.cluster\.local\./,
    },
    "a port that is no number": { args: ["add", "--port", "x"], exitCode: 2, err: /no whole number/ },
    "two definitions": {
      args: ["add", "--providers", "p", "--name", "a"],
      exitCode: 2,
      err: /cannot be given/,
    },
    "a file of providers that is not there": {
      args: ["add", "--providers", "nowhere.yaml"],
      exitCode: 1,
      err: /cannot read nowhere\.yaml: no such file/,
    },
    "--yes with a file": { args: ["remove", "a", "--yes"], exitCode: 2, err: /--yes is for a cluster/ },
    "a cluster next to a file": {
      args: ["show", "--context", "c"],
      exitCode: 2,
      err: /in place of a cluster/,
    },
    "two names for the ConfigMap": {
      args: ["show", "--revision", "a", "--config-map", "b"],
      exitCode: 2,
      err: /Give one of the two/,
    },
    "a ConfigMap that the file lacks": {
      args: ["show", "--revision", "canary"],
      exitCode: 1,
      err: /it\s+holds\s+istio-system\/istio/,
    },
  };
  for (const [what, { args, exitCode, err }] of Object.entries(failures)) {
    it(`explains ${what} and ends with ${exitCode}`, async () => {
      await withFile(manifest, async ({ mesh }) => {
        const result = await mesh(...args);
        assert.match(result.err, err);
        assert.equal(result.out, "");
        assert.equal(result.exitCode, exitCode);
        assert.ok(widest(result.err) <= 80, result.err);
        assert.doesNotMatch(result.err, /\n +at /);
      });
    });
  }

  const entries: Record<string, RegExp> = {
    "{}": /holds no list of providers/,
    "[{}]": /entry 1 has no name/,
    "[{name: a}]": /needs exactly one of/,
    "[{name: a, envoyHttpAls: {}}]": /needs a service and a port/,
    "[{name: a, envoyHttpAls: {service: s, port: 1}}, {name: a, envoyHttpAls: {service: s, port: 1}}]":
      /holds a twice/,
    "[": /not valid YAML/,
  };
  for (const [content, err] of Object.entries(entries)) {
    it(`refuses the providers ${content}`, async () => {
      await inFolder({ "p.yaml": content, "m.yaml": "a: 1\n" }, async (folder) => {
        const args = ["--providers", join(folder, "p.yaml"), "--file", join(folder, "m.yaml")];
        const result = await runCommand(["mesh", "add", ...args]);
        assert.match(result.err.replaceAll(/\s+/g, " "), err);
        assert.equal(result.exitCode, 1);
      });
    });
  }

  it("names the line of a text that cannot be edited", async () => {
    await withFile("a: 1\na: 2\n", async ({ mesh }) => {
      const { exitCode, err } = await mesh("add", ...edge);
      assert.equal(exitCode, 1);
      assert.match(err.replaceAll(/\s+/g, " "), /line 2 of the mesh text: duplicate key/);
    });
  });

  it("prints help of at most 80 columns for each of its commands", async () => {
    for (const command of [
      [],
      ["show"],
      ["diff"],
      ["diff", "add"],
      ["diff", "remove"],
      ["add"],
      ["remove"],
    ]) {
      const { exitCode, out } = await runCommand(["mesh", ...command, "--help"]);
      assert.equal(exitCode, 0);
      assert.match(out, /\nExit codes: 0 /);
      assert.ok(widest(out) <= 80, out);
    }
  });
});
