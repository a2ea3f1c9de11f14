import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { refusalOf } from "../preflight/refusal";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { freshMesh, readMesh } from "./meshConfigMap";
import { steps } from "./steps";
import type { WafArgs } from "./wafProgram";

const waf = ["waf-access-log", "waf-ext-authz"];
const refusedAffinity = {
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
};
const both = ["pay-access-log", "pay-ext-authz", ...waf];

interface Provider {
  name: string;
  envoyExtAuthzGrpc?: { timeout?: string };
}

// The first component of a program writes the entries of the later ones, so that one preview shows them all.
describe("a component whose entries another one wrote before it failed", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let args: WafArgs;

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
  });
  after(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    await freshMesh(world.cluster);
    const project = await packedProject();
    // `require` does not know the types; the package is packed from the sources that they are taken from.
    const { SigsciIstioIntegration } = project.require(
      "pulumi-sigsci-istio",
    ) as typeof import("../../../src");
    const argsOf = (name: string): SigsciIstioIntegrationArgs => ({
      namespace: `${name}-system`,
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      targets: [{ name: "web", namespace: "shop", matchLabels: { app: name } }],
    });
    stack = await withStack(
      () => {
        const first = new SigsciIstioIntegration("waf", argsOf("waf"));
        const second = new SigsciIstioIntegration("pay", { ...argsOf("pay"), ...args }, { dependsOn: first });
        // The run of an inline program waits for what it gives.
        return Promise.resolve({ policies: second.authorizationPolicies, done: second.notInspected });
      },
      { kubeconfig: world.cluster.kubeconfig, automation: project.automation },
    );
    // The API server refuses the Deployment of pay, once waf is there.
    args = { agent: { affinity: refusedAffinity } };
    assert.match(await refusalOf(stack, "up"), /node selector term/);
    // The program of the failed run goes on until waf has waited for istiod; what it meets then would fail the next run.
    await delay(5_000);
    assert.deepEqual((await providers()).map(({ name }) => name).sort(), both);
  });
  afterEach(async () => {
    args = {};
    await stack.destroy();
    stack.dispose();
  });

  const providers = async (): Promise<Provider[]> => {
    const { data } = await readMesh(world.cluster.kubeconfig);
    return (parse(data?.mesh ?? "") as { extensionProviders?: Provider[] }).extensionProviders ?? [];
  };
  const marks = async (): Promise<string[]> => {
    const { metadata } = await readMesh(world.cluster.kubeconfig);
    return Object.keys(metadata?.annotations ?? {}).filter((key) => key.includes("/pay-"));
  };

  it("changes them in the next up, and owns them", async () => {
    args = { inspection: { timeout: "900ms" } };
    await stack.up();
    const entry = (await providers()).find(({ name }) => name === "pay-ext-authz");
    assert.equal(entry?.envoyExtAuthzGrpc?.timeout, "900ms");
    assert.ok((await marks()).includes("owner.pulumi-sigsci-istio/pay-ext-authz"));
    // The one before it shows its change once, as that of any other component.
    assert.deepEqual(steps(await stack.preview()), ["update waf-mesh-default"]);
    await stack.up();
    assert.deepEqual(steps(await stack.preview()), []);
  });

  it("takes them out by its teardown", async () => {
    args = { teardown: true };
    await stack.up();
    assert.deepEqual((await providers()).map(({ name }) => name).sort(), waf);
    // Those of the one before it say so until this one leaves the program.
    assert.deepEqual(await marks(), [
      "early.pulumi-sigsci-istio/pay-access-log",
      "early.pulumi-sigsci-istio/pay-ext-authz",
    ]);
    assert.deepEqual(steps(await stack.preview()), ["update waf-mesh-default"]);
  });
});
