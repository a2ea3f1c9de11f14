import assert from "node:assert/strict";
import { extensionProviderDefinitions, MeshConfigStrategy } from "../../../src";
import { watchMesh } from "../lifecycle/meshWatch";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { freshMesh, readMesh } from "./meshConfigMap";
import { meshProviderNames } from "./providersOfPolicies";
import { wafProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

/** A way to reach istiod, and what a destroy leaves of it. */
interface StrategyCase {
  name: string;
  mesh: WafArgs["mesh"];
  /** The mesh text of before. Default: that of Istio's chart. */
  text?: string;
  /** Objects that differ after a plain destroy. */
  changed: string[];
  /** Providers that are left in ConfigMap `istio` after a plain destroy. */
  providers: string[];
  /** Those that are left when a teardown came before. */
  afterTeardown: string[];
  /** Keys of annotations that are left on ConfigMap `istio`. */
  annotations: RegExp[];
}

const annotationsOfThePatch = [/^pulumi\.com\/patchFieldManager$/, /^pulumi\.com\/patchForce$/];

const names = ["waf-ext-authz", "waf-access-log"];

const strategies: StrategyCase[] = [
  {
    name: "Patch",
    mesh: {},
    changed: ["ConfigMap istio-system/istio"],
    providers: names,
    afterTeardown: [],
    annotations: [
      /^edited\.pulumi-sigsci-istio\/[0-9a-f]{10}$/,
      /^entry\.pulumi-sigsci-istio\/waf-access-log$/,
      /^entry\.pulumi-sigsci-istio\/waf-ext-authz$/,
      /^owner\.pulumi-sigsci-istio\/waf-access-log$/,
      /^owner\.pulumi-sigsci-istio\/waf-ext-authz$/,
      ...annotationsOfThePatch,
    ],
  },
  {
    name: "Shared",
    // No istiod runs in this cluster.
    mesh: { strategy: MeshConfigStrategy.Shared, checkIstiod: false },
    changed: [],
    providers: [],
    afterTeardown: [],
    annotations: [],
  },
  {
    name: "External",
    mesh: { strategy: MeshConfigStrategy.External },
    text: `${chartText.trimEnd()}\nextensionProviders:\n${extensionProviderDefinitions("waf").extensionProvidersYaml}`,
    changed: [],
    providers: names,
    afterTeardown: names,
    annotations: [],
  },
];

for (const strategy of strategies) {
  describe(`a destroy with strategy ${strategy.name}`, function () {
    this.timeout(300_000);
    let world: World;

    before(async () => {
      world = await startWorld();
      await applyMesh(world.cluster, strategy.text);
      await ensureNamespace(world.cluster.kubeconfig, "shop");
    });
    after(async () => {
      await world.stop();
    });

    it("leaves what docs/operations.md says, after a teardown as well, and no moment without the mesh text", async () => {
      const { kubeconfig } = world.cluster;
      const project = await packedProject();
      const clean = await clusterObjects(kubeconfig);
      const mesh = await watchMesh(kubeconfig);
      let args: WafArgs = { mesh: strategy.mesh };
      const stack = await withStack(
        wafProgram(project, () => args),
        { kubeconfig, automation: project.automation },
      );
      try {
        await stack.up();
        await stack.destroy();
        const left = compareObjects(clean, await clusterObjects(kubeconfig));
        assert.deepEqual(left, { added: [], removed: [], changed: strategy.changed });
        await assertMesh(kubeconfig, strategy.providers, strategy.annotations);

        await freshMesh(world.cluster, strategy.text);
        await stack.up();
        args = { ...args, teardown: true };
        await stack.up();
        await stack.destroy();
        const gone = compareObjects(clean, await clusterObjects(kubeconfig));
        assert.deepEqual({ ...gone, changed: [] }, { added: [], removed: [], changed: [] });
        const annotations = strategy.changed.length > 0 ? annotationsOfThePatch : [];
        const text = await assertMesh(kubeconfig, strategy.afterTeardown, annotations);
        assert.equal(text, strategy.text ?? chartText);
        for (const seen of await mesh.seen()) {
          assert.ok(seen?.includes("trustDomain: cluster.local"), seen);
        }
      } finally {
        mesh.stop();
        stack.dispose();
      }
    });
  });
}

async function assertMesh(
  kubeconfig: string,
  providers: readonly string[],
  annotations: readonly RegExp[],
): Promise<string> {
  const { data, metadata } = await readMesh(kubeconfig);
  const text = data?.mesh ?? "";
  assert.deepEqual(meshProviderNames(text), new Set(providers));
  const keys = Object.keys(metadata?.annotations ?? {}).sort();
  assert.equal(keys.length, annotations.length, keys.join("\n"));
  for (const [index, key] of keys.entries()) {
    assert.match(key, annotations[index] ?? /$^/);
  }
  return text;
}
