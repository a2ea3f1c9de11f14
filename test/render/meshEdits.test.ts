import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { findMeshEdits, type MeshEdit } from "../../src/render/meshEdits";
import { recordProgram } from "../../src/offline/recording";

const METADATA = { name: "istio", namespace: "istio-system" };

async function edits(program: (live: k8s.core.v1.ConfigMap) => unknown): Promise<MeshEdit[]> {
  const { resources } = await recordProgram(
    () => {
      program(k8s.core.v1.ConfigMap.get("live", "istio-system/istio"));
    },
    {
      reads: () => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: METADATA,
        data: { mesh: "a: 1\nb: 2\n" },
      }),
    },
  );
  return findMeshEdits(resources);
}

function patch(
  name: string,
  mesh: pulumi.Input<string>,
  opts?: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMapPatch {
  return new k8s.core.v1.ConfigMapPatch(name, { metadata: METADATA, data: { mesh } }, opts);
}

describe("findMeshEdits", () => {
  it("compares a patch with the text that was read", async () => {
    const [edit, ...others] = await edits(() => patch("p", "a: 1\nb: 3\n", { retainOnDelete: true }));
    assert.deepEqual(others, []);
    assert.deepEqual(edit, {
      configMap: "istio-system/istio",
      how: "patch",
      before: "a: 1\nb: 2\n",
      isFollowUp: false,
      after: "a: 1\nb: 3\n",
      changed: true,
      diff: ["@@ -1,2 +1,2 @@", " a: 1", "-b: 2", "+b: 3"],
      annotations: {},
      retainOnDelete: true,
    });
  });

  it("shows no diff when the text stays", async () => {
    const [edit] = await edits((live) =>
      patch(
        "p",
        live.data.apply(({ mesh }) => mesh ?? ""),
      ),
    );
    assert.equal(edit?.changed, false);
    assert.deepEqual(edit.diff, []);
    assert.equal(edit.retainOnDelete, false);
  });

  it("compares a second patch of the same ConfigMap with the first", async () => {
    const [, second] = await edits(() =>
      patch("second", "a: 1\nb: 3\nc: 4\n", { dependsOn: [patch("first", "a: 1\nb: 3\n")] }),
    );
    assert.equal(second?.isFollowUp, true);
    assert.deepEqual(second.diff, ["@@ -1,2 +1,3 @@", " a: 1", " b: 3", "+c: 4"]);
  });

  it("does not show a text that is secret", async () => {
    const [edit] = await edits(() => patch("p", pulumi.secret("a: hunter22\n")));
    assert.equal(edit?.changed, true);
    assert.equal(edit.after, undefined);
    assert.deepEqual(edit.diff, []);
  });

  it("takes a ConfigMap of the program's own with mesh config, and no other", async () => {
    const found = await edits(() => {
      new k8s.core.v1.ConfigMap("shared", {
        metadata: { ...METADATA, name: "shared" },
        data: { mesh: "x: 1\n" },
      });
      new k8s.core.v1.ConfigMap("other", {
        metadata: { ...METADATA, name: "other" },
        data: { text: "x: 1\n" },
      });
    });
    assert.deepEqual(
      found.map(({ configMap, how, diff }) => ({ configMap, how, diff })),
      [{ configMap: "istio-system/shared", how: "create", diff: ["@@ -0,0 +1,1 @@", "+x: 1"] }],
    );
  });
});
