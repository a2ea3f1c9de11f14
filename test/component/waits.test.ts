import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import {
  Enforcement,
  extensionProviderDefinitions,
  MeshConfigStrategy,
  Placement,
  SigsciIstioIntegration,
} from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { pushSeconds } from "../../src/mesh/waitForProxies";
import { recordProgram } from "../../src/offline/recording";
import type { RecordOptions } from "../../src/offline/recording";
import { cluster, meshText, named, smallest } from "./program";
import { reads, withSidecar } from "./sidecarProgram";

/**
 * Runs a program as in an update of the engine.
 *
 * @returns for each wait for the proxies, what was registered by then
 */
async function waitsOf(
  args: SigsciIstioIntegrationArgs,
  readsLater: RecordOptions["reads"] = reads,
): Promise<string[][]> {
  const registered: string[] = [];
  const waits: string[][] = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((run: () => void, milliseconds = 0) => {
    const isWait = milliseconds === pushSeconds * 1000;
    if (isWait) {
      waits.push([...registered]);
    }
    return setTimeout(run, isWait ? 50 : milliseconds);
    // Node's own function has one more member, which nothing here uses.
  }) as typeof setTimeout;
  try {
    await recordProgram(
      () => {
        Object.assign(pulumi.runtime.getMonitor() ?? {}, { getChannel: () => undefined });
        pulumi.runtime.registerResourceTransform(({ name }) => {
          registered.push(name);
          return undefined;
        });
        new SigsciIstioIntegration("waf", { ...args, preflight: { enabled: false } });
      },
      { reads: readsLater },
    );
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return waits;
}

describe("an update waits for the proxies", () => {
  for (const [title, args, agent] of [
    ["an agent behind a Service", smallest, "waf-deployment"],
    ["an agent on each node", { ...smallest, placement: Placement.NodeLocal }, "waf-service"],
    ["an agent in the pods", withSidecar(), "waf-service-entry"],
  ] as const) {
    it(`before the mesh names ${title}, and after the policies`, async () => {
      const recording = await recordProgram(() => new SigsciIstioIntegration("waf", args), { reads });
      const { metadata, data } = named(recording, "waf-mesh-default").inputs;
      // The look after the write of the mesh, the third read of the ConfigMap, finds what was written.
      let looks = 0;
      const [before, after, ...more] = await waitsOf(args, (type, id) => {
        const isMesh = id === "istio-system/istio";
        looks += isMesh ? 1 : 0;
        return isMesh && looks === 3 ? { metadata, data } : reads(type, id);
      });
      assert.ok(before && after && more.length === 0);
      assert.ok(before.includes(agent) && !before.includes("waf-mesh-default"), before.join(" "));
      assert.ok(after.includes("waf-web-policy"), after.join(" "));
    });
  }

  it("before an EnvoyFilter asks an agent of its own pods, and after it", async () => {
    const [before, after, ...more] = await waitsOf({ ...smallest, enforcement: Enforcement.EnvoyFilter });
    assert.ok(before && after && more.length === 0);
    assert.ok(
      before.includes("waf-deployment") && !before.includes("waf-web-envoy-filter"),
      before.join(" "),
    );
    assert.ok(after.includes("waf-web-envoy-filter"), after.join(" "));
  });

  it("only after an EnvoyFilter that asks the agent in the pod, whose address needs no push", async () => {
    const [after, ...more] = await waitsOf(withSidecar({ enforcement: Enforcement.EnvoyFilter }));
    assert.ok(after?.includes("waf-web-envoy-filter") && more.length === 0);
  });

  it("before a policy where somebody else edits the mesh, which names the agent by then", async () => {
    const { extensionProviders } = extensionProviderDefinitions("waf");
    const args = { ...smallest, mesh: { strategy: MeshConfigStrategy.External } };
    const mesh = cluster({ "istio-system/istio": { text: meshText + stringify({ extensionProviders }) } });
    const [before, ...more] = await waitsOf(args, mesh);
    assert.ok(before && more.length === 0);
    assert.ok(before.includes("waf-deployment") && !before.includes("waf-web-policy"), before.join(" "));
  });

  it("not at all while the mesh says all of it already", async () => {
    const recording = await recordProgram(() => new SigsciIstioIntegration("waf", smallest), { reads });
    const { metadata, data } = named(recording, "waf-mesh-default").inputs;
    const waits = await waitsOf(smallest, (type, id) =>
      id === "istio-system/istio" ? { metadata, data } : reads(type, id),
    );
    assert.deepEqual(waits, []);
  });
});
