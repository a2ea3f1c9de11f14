import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCommandLine } from "../../../src/cli/program";
import { applyObjects, ensureNamespace, parseObjects } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import type { TemporaryFolder } from "../stack/temporaryFolder";

const examplesFolder = resolve(__dirname, "../../../examples");
const examples = readdirSync(examplesFolder);

describe("what the examples render, judged by the API server and by Istio", function () {
  this.timeout(120_000);
  let folder: TemporaryFolder;
  let cluster: Cluster;
  let istioctl: string;

  before(async () => {
    folder = createTemporaryFolder("rendered");
    istioctl = (await findPart("istioctl")).path;
    cluster = await startCluster({ istioCrds: true });
  });
  after(async () => {
    folder.remove();
    await cluster.stop();
  });

  const judge = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(istioctl, args, { encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  };

  it("has examples to judge", () => {
    assert.ok(examples.length >= 5);
  });

  for (const example of examples) {
    it(`${example}: every object passes strict validation, istioctl validate and istioctl analyze`, async () => {
      const files = await render(join(examplesFolder, example), join(folder.path, example));
      assert.ok(files.length >= 5);
      judge("validate", ...files.flatMap((file) => ["-f", file]));
      assert.match(judge("analyze", "--use-kube=false", ...files), /No validation issues found/);
      for (const object of files.flatMap(objectsOf)) {
        await ensureNamespace(cluster.kubeconfig, object.metadata.namespace ?? "default");
        await applyObjects(cluster.kubeconfig, [object], { dryRun: true });
      }
    });
  }

  it("both judges see a misspelt field", async () => {
    const metadata = { name: "wrong", namespace: "default" };
    const wrong = {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata,
      spec: { accessLoging: [] },
    };
    await assert.rejects(applyObjects(cluster.kubeconfig, [wrong], { dryRun: true }), /accessLoging/);
    assert.throws(() => {
      judge("validate", "-f", join(__dirname, "misspelt.yaml"));
    }, /accessLoging/);
  });
});

async function render(program: string, out: string): Promise<string[]> {
  const printed: string[] = [];
  const print = (text: string): void => {
    printed.push(text);
  };
  const code = await runCommandLine(["render", program, "--out", out], {
    out: print,
    err: print,
    colors: false,
  });
  assert.equal(code, 0, printed.join(""));
  return readdirSync(out)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(out, name));
}

/** Helm releases are no objects of the cluster; everything else that is rendered is one. */
function objectsOf(file: string): PlainObject[] {
  return parseObjects(readFileSync(file, "utf8")).filter(({ kind }) => kind !== "Release");
}
