import assert from "node:assert/strict";
import { join } from "node:path";
import { readMeshSource, sampleMesh, type MeshSource } from "../../src/render/meshSource";
import { inFolder } from "./temporaryFolder";

function configMap(namespace: string, name: string, mesh: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { mesh },
  });
}

function read(content: string, use: (source: MeshSource) => void): Promise<void> {
  return inFolder({ "mesh.yaml": content }, (path) => {
    use(readMeshSource(join(path, "mesh.yaml")));
  });
}

function meshOf(found: object | undefined): unknown {
  assert.ok(found !== undefined && "data" in found);
  const { data } = found;
  return typeof data === "object" && data !== null && "mesh" in data ? data.mesh : undefined;
}

describe("readMeshSource", () => {
  it("finds the ConfigMap asked for among several documents and in lists", async () => {
    const list = `{"apiVersion":"v1","kind":"List","items":[${configMap("istio-system", "istio-a", "a: 1")}]}`;
    await read(`${configMap("istio-system", "istio", "b: 1")}\n---\n${list}\n`, (source) => {
      assert.equal(meshOf(source.read("istio-system/istio")), "b: 1");
      assert.equal(meshOf(source.read("istio-system/istio-a")), "a: 1");
      assert.equal(source.read("istio-system/istio-c"), undefined);
      assert.equal(source.notes.size, 0);
    });
  });

  it("uses the only ConfigMap for another name, under the name asked for, and says so", async () => {
    await read(configMap("istio-system", "istio-canary", "a: 1"), (source) => {
      const found = source.read("istio-system/istio");
      assert.equal(meshOf(found), "a: 1");
      assert.ok(found !== undefined && "metadata" in found);
      assert.deepEqual(found.metadata, { resourceVersion: "1", name: "istio", namespace: "istio-system" });
      assert.match([...source.notes].join(), /holds istio-system\/istio-canary, which is used instead/);
    });
  });

  it("does not stand in for ConfigMaps that hold no mesh config", async () => {
    await read(configMap("istio-system", "istio", "a: 1"), (source) => {
      assert.equal(source.read("shop/settings"), undefined);
    });
  });

  it("takes the bare mesh text byte for byte, for every revision and namespace", async () => {
    const text = "# kept\ndefaultConfig: {}\nextensionProviders: []";
    await read(text, (source) => {
      assert.equal(meshOf(source.read("istio-system/istio")), text);
      assert.equal(meshOf(source.read("other/istio-canary")), text);
      assert.equal(source.read("istio-system/istiod"), undefined);
    });
  });

  it("takes comments only for a mesh text, with which a managed mesh starts", async () => {
    await read("# nothing yet\n", (source) => {
      assert.equal(meshOf(source.read("istio-system/istio")), "# nothing yet\n");
    });
  });

  it("finds the ConfigMap beside documents that are not valid, and names the error where there is none", async () => {
    const broken = "kind: Template\na: {{ b }}\nc: [\n";
    await read(`${broken}---\n${configMap("istio-system", "istio", "b: 1")}\n---\n${broken}`, (source) => {
      assert.equal(meshOf(source.read("istio-system/istio")), "b: 1");
    });
    await assert.rejects(
      read(`${broken}---\na: 1\n`, () => undefined),
      /mesh\.yaml, line \d: not valid YAML/,
    );
  });

  for (const [content, what] of [
    ["meshConfig: {}", "Helm values (key meshConfig)"],
    ["data: {mesh: 'a: 1'}", "a patch without kind"],
    ["apiVersion: a/v1\nkind: HelmRelease\nmetadata: {name: istiod}", "a HelmRelease of Flux"],
    [
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\ndata: {values: a}\n---\nkind: Istio\nmetadata: {name: a}",
      "an Istio resource of the Sail operator",
    ],
  ] as const) {
    it(`says of ${what} what it is`, async () => {
      await assert.rejects(
        read(`${content}\n`, () => undefined),
        new RegExp(`mesh\\.yaml holds ${what.replace(/[()]/g, "\\$&")}, not a mesh configuration\\. `),
      );
    });
  }

  for (const [what, content] of Object.entries({
    "an empty file": "",
    "another kind": "apiVersion: v1\nkind: Secret\nmetadata: { name: istio }\n",
    "a list": "- a\n",
    "two texts": "rootNamespace: a\n---\nrootNamespace: b\n",
  })) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        read(content, () => undefined),
        /holds neither a ConfigMap nor a mesh config/,
      );
    });
  }

  it("names the line of a syntax error", async () => {
    await assert.rejects(
      read("a: 1\nb: {\nc: 2\n", () => undefined),
      /mesh\.yaml, line \d: not valid YAML/,
    );
  });
});

describe("sampleMesh", () => {
  it("says that it is a sample, but only if it was needed", () => {
    const source = sampleMesh();
    assert.equal(source.notes.size, 0);
    assert.match(String(meshOf(source.read("istio-system/istio"))), /^defaultConfig:/);
    assert.match([...source.notes].join(), /built-in sample/);
  });
});
