import assert from "node:assert/strict";
import type { TargetArgs } from "../../../src";
import { textAt } from "../../../src/kubernetes/liveObject";
import { clusterObjects } from "../lifecycle/objects";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { refusalOf } from "../preflight/refusal";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { steps } from "./steps";

const target = (name: string): TargetArgs => ({ name, namespace: "shop", matchLabels: { app: name } });

describe("a target that moves from one component of a program to another", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let targets: { waf: TargetArgs[]; pay: TargetArgs[] };

  before(async () => {
    world = await startWorld();
    const { kubeconfig } = world.cluster;
    await applyMesh(world.cluster);
    await ensureNamespace(kubeconfig, "shop");
    const project = await packedProject();
    // `require` does not know the types; the package is packed from the sources that they are taken from.
    const { SigsciIstioIntegration } = project.require(
      "pulumi-sigsci-istio",
    ) as typeof import("../../../src");
    const component = (name: "waf" | "pay"): unknown =>
      new SigsciIstioIntegration(name, {
        namespace: `${name}-system`,
        credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
        targets: targets[name],
      });
    stack = await withStack(
      () => {
        component("waf");
        component("pay");
        return Promise.resolve();
      },
      {
        kubeconfig,
        automation: project.automation,
        // Where Pulumi's own provider finds the cluster, preflight does, too.
        config: { "kubernetes:kubeconfig": { value: kubeconfig } },
      },
    );
  });
  after(async () => {
    stack.dispose();
    await world.stop();
  });

  /** Each policy of the namespace with the provider that it asks. */
  const policies = async (): Promise<Record<string, unknown>> => {
    const objects = [...(await clusterObjects(world.cluster.kubeconfig))];
    return Object.fromEntries(
      objects
        .filter(([key]) => key.startsWith("AuthorizationPolicy shop/"))
        .map(([key, { spec }]) => [key, textAt(spec, "provider", "name")]),
    );
  };

  it("is refused in one up, which leaves it protected, and goes through in the two that the message names", async () => {
    targets = { waf: [target("web"), target("api")], pay: [target("cart")] };
    await stack.up();
    const before = await policies();
    assert.deepEqual(Object.values(before).sort(), ["pay-ext-authz", "waf-ext-authz", "waf-ext-authz"]);

    targets = { waf: [target("web")], pay: [target("cart"), target("api")] };
    for (const operation of ["preview", "up"] as const) {
      const said = await refusalOf(stack, operation);
      assert.match(said, /two `pulumi up`, and nothing inspects in between: first take it out there/);
      assert.deepEqual(await policies(), before);
    }

    targets = { waf: [target("web")], pay: [target("cart")] };
    await stack.up();
    targets = { waf: [target("web")], pay: [target("cart"), target("api")] };
    await stack.up();
    const after = Object.values(await policies()).sort();
    assert.deepEqual(after, ["pay-ext-authz", "pay-ext-authz", "waf-ext-authz"]);
    assert.deepEqual(steps(await stack.preview()), []);
    await stack.destroy();
  });
});
