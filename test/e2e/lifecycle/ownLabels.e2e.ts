import assert from "node:assert/strict";
import { at } from "../../../src/kubernetes/liveObject";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { changes } from "../stack/runReport";
import { clusterObjects } from "./objects";
import { applyMesh, startWorld } from "./world";
import type { World } from "./world";

describe("a target with the labels of a Deployment of the same program", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let track = "stable";

  before(async () => {
    world = await startWorld();
    const { kubeconfig } = world.cluster;
    await applyMesh(world.cluster);
    await ensureNamespace(kubeconfig, "shop");
    const project = await packedProject();
    // `require` does not know the types; the packages are those that the types are taken from.
    const { SigsciIstioIntegration } = project.require(
      "pulumi-sigsci-istio",
    ) as typeof import("../../../src");
    const k8s = project.require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes");
    stack = await withStack(
      () => {
        const labels = { app: "web", track };
        const { spec } = new k8s.apps.v1.Deployment("web", {
          metadata: { name: "web", namespace: "shop" },
          spec: {
            selector: { matchLabels: { app: "web" } },
            template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } },
          },
        });
        new SigsciIstioIntegration("waf", {
          credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
          targets: [{ name: "storefront", namespace: "shop", matchLabels: spec.template.metadata.labels }],
        });
        return Promise.resolve();
      },
      { kubeconfig, automation: project.automation },
    );
  });
  after(async () => {
    stack.dispose();
    await world.stop();
  });

  const selected = async (): Promise<unknown[]> =>
    [...(await clusterObjects(world.cluster.kubeconfig))]
      .filter(([key]) => key.startsWith("AuthorizationPolicy shop/"))
      .map(([, { spec }]) => at(spec, "selector", "matchLabels"));

  it("selects by them, shows nothing in an unchanged preview, and follows a change of one", async () => {
    await stack.preview();
    await stack.up();
    assert.deepEqual(await selected(), [{ app: "web", track }]);
    assert.deepEqual(changes(await stack.preview()), []);
    track = "canary";
    const changed = changes(await stack.up()).map(({ op, name }) => `${op} ${name}`);
    assert.ok(changed.includes("update waf-storefront-policy"), changed.join());
    assert.deepEqual(await selected(), [{ app: "web", track }]);
    await stack.destroy();
  });
});
