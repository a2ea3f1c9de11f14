import assert from "node:assert/strict";
import { Enforcement, MeshConfigStrategy } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import type { Recording } from "../../src/offline/recording";
import { cluster, named, recordComponent } from "./program";

const meshWith = (normalization?: string): string =>
  normalization === undefined
    ? "rootNamespace: istio-system\n"
    : `pathNormalization:\n  normalization: ${normalization}\nrootNamespace: istio-system\n`;
const targets = [{ name: "web", namespace: "shop", matchLabels: { app: "web" }, notPaths: ["/static/*"] }];

const recorded = (
  meshes: Record<string, string>,
  args: Partial<SigsciIstioIntegrationArgs> = {},
): Promise<Recording> => {
  const live = Object.entries(meshes).map(([name, text]) => [`istio-system/${name}`, { text }] as const);
  return recordComponent({ targets, ...args }, { reads: cluster(Object.fromEntries(live)) });
};
const warnings = ({ logs }: Recording): string[] =>
  logs.filter(({ severity }) => severity === "warning").map(({ message }) => message);
/** The spellings that the output names. */
function spellings(recording: Recording): string[] {
  const { notInspected } = named(recording, "waf").outputs;
  assert.ok(Array.isArray(notInspected));
  return notInspected.flatMap(
    (line) => /^target web: .* among .*, such as (.*)$/.exec(String(line))?.[1] ?? [],
  );
}

const byDefault = ["/static/..%2fadmin or /static/..%5cadmin"];

describe("the normalization of paths by the mesh", () => {
  it("decides which spellings of an excluded path the output names, and NONE draws a warning", async () => {
    const none = await recorded({ istio: meshWith("NONE") });
    assert.deepEqual(spellings(none), ["/static/../admin or /static/..%2fadmin"]);
    assert.equal(warnings(none).length, 1);
    assert.match(
      warnings(none)[0] ?? "",
      /^target web: pathNormalization of the mesh config is NONE, so Envoy /,
    );
    for (const normalization of [undefined, "DEFAULT", "BASE", "MERGE_SLASHES"]) {
      const recording = await recorded({ istio: meshWith(normalization) });
      assert.deepEqual(spellings(recording), byDefault, normalization);
      assert.deepEqual(warnings(recording), [], normalization);
    }
    const decoded = await recorded({ istio: meshWith("DECODE_AND_MERGE_SLASHES") });
    assert.deepEqual(spellings(decoded), ["/static/..%252fadmin"]);
  });

  it("is the weakest of several revisions", async () => {
    const mesh = { revisions: ["default", "canary"] };
    const canary = { "istio-canary": meshWith("DECODE_AND_MERGE_SLASHES") };
    assert.deepEqual(
      spellings(await recorded({ istio: meshWith("DEFAULT"), ...canary }, { mesh })),
      byDefault,
    );
    assert.equal(warnings(await recorded({ istio: meshWith("NONE"), ...canary }, { mesh })).length, 1);
  });

  it("is Istio's default where the mesh config is not read", async () => {
    const enforcement = Enforcement.EnvoyFilter;
    assert.deepEqual(spellings(await recorded({ istio: meshWith("NONE") }, { enforcement })), byDefault);
    const mesh = { strategy: MeshConfigStrategy.Shared, createSharedConfigMap: false, checkIstiod: false };
    const meshes = { istio: meshWith("NONE"), "sigsci-mesh-config": meshWith() };
    assert.deepEqual(spellings(await recorded(meshes, { mesh })), byDefault);
  });

  it("draws no warning in teardown", async () => {
    assert.deepEqual(warnings(await recorded({ istio: meshWith("NONE") }, { teardown: true })), []);
  });
});
