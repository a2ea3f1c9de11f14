import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { applyObjects, ensureNamespace } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import type { TemporaryFolder } from "../stack/temporaryFolder";
import { isWorkload, patchedWorkload } from "./judges/patchedWorkload";
import { exampleNames, renderExample } from "./renderedExample";

describe("what the examples render, judged by the API server and by Istio", function () {
  this.timeout(240_000);
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
    assert.ok(exampleNames.length >= 11);
  });

  for (const example of exampleNames) {
    it(`${example}: every object passes strict validation, istioctl validate and istioctl analyze`, async () => {
      const rendered = await renderExample(example, join(folder.path, example));
      assert.ok(rendered.length >= 5);
      const files = rendered.map(({ file }) => file);
      judge("validate", ...files.flatMap((file) => ["-f", file]));
      assert.match(judge("analyze", "--use-kube=false", ...files), /No validation issues found/);
      for (const { object, isPatch } of rendered) {
        // A part of a workload is valid if the API server can apply it to one.
        if (isPatch && isWorkload(object)) {
          await patchedWorkload(cluster.kubeconfig, object);
        } else {
          await ensureNamespace(cluster.kubeconfig, object.metadata.namespace ?? "default");
          await applyObjects(cluster.kubeconfig, [object], { dryRun: true });
        }
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
