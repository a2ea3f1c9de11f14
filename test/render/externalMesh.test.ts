import assert from "node:assert/strict";
import { Enforcement, extensionProviderDefinitions, MeshConfigStrategy } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { createColors } from "../../src/cli/colors";
import { findExternalMeshes } from "../../src/render/externalMesh";
import { sampleMesh } from "../../src/render/meshSource";
import { meshText } from "../../src/cli/render/meshText";
import { simulateCluster } from "../../src/render/simulatedCluster";
import { recordComponent } from "../component/program";
import type { Recording } from "../../src/offline/recording";

const offline = (args: Partial<SigsciIstioIntegrationArgs>): Promise<Recording> =>
  recordComponent(args, simulateCluster(sampleMesh(), [], "default"));
const { helmValuesYaml } = extensionProviderDefinitions("waf");

describe("findExternalMeshes", () => {
  it("finds a component with the strategy External, which an offline run does not refuse", async () => {
    const { resources } = await offline({ mesh: { strategy: MeshConfigStrategy.External } });
    assert.deepEqual(findExternalMeshes(resources), [{ component: "waf", helmValues: helmValuesYaml }]);
  });

  it("finds none that edits the mesh config itself, or needs none of it", async () => {
    for (const args of [
      {},
      { mesh: { strategy: MeshConfigStrategy.Shared } },
      { enforcement: Enforcement.EnvoyFilter },
    ]) {
      assert.deepEqual(findExternalMeshes((await offline(args)).resources), []);
    }
  });
});

describe("meshText", () => {
  it("prints the values that somebody else is to set, within 80 columns", () => {
    const external = [{ component: "waf", helmValues: `a:\n  b: ${"x".repeat(80)}\n` }];
    assert.deepEqual(
      meshText({ source: "mesh.yaml", edits: [], external }, { colors: createColors(false), width: 80 }),
      [
        "  waf writes nothing; the values of Istio's installation must hold:",
        "    a:",
        `      b: ${"x".repeat(71)}`,
        `    ${"x".repeat(9)}`,
      ],
    );
  });

  it("says when nothing is changed or needed", () => {
    assert.deepEqual(
      meshText({ source: "mesh.yaml", edits: [], external: [] }, { colors: createColors(false), width: 80 }),
      ["  this program does not change it"],
    );
  });
});
