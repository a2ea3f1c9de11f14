import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { refusalOf } from "../preflight/refusal";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { freshMesh } from "./meshConfigMap";
import type { WafArgs } from "./wafProgram";

interface Refusal {
  what: string;
  args?: WafArgs;
  text?: string;
  says: RegExp;
}

const refusals: Refusal[] = [
  {
    what: "mesh configuration that is no YAML",
    text: `${chartText}\nextensionProviders: [\n`,
    says: /error: Mesh configuration in ConfigMap istio-system\/istio: .*Nothing was written/s,
  },
  {
    what: "an entry of somebody else",
    text: `${chartText}\nextensionProviders:\n- name: waf-ext-authz\n  zipkin: {service: other, port: 1}\n`,
    says: /error: Mesh configuration in ConfigMap istio-system\/istio: provider waf-ext-authz \(line \d+ of the text\) is not ours/,
  },
  {
    what: "an argument that is known later",
    args: { inspection: { timeout: pulumi.output("soon") as unknown as string } },
    says: /inspection\.timeout/,
  },
];

describe("a refusal in an inline program", function () {
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
    args = {};
    const project = await packedProject();
    // `require` does not know the types; the package is packed from the sources that they are taken from.
    const { SigsciIstioIntegration } = project.require(
      "pulumi-sigsci-istio",
    ) as typeof import("../../../src");
    const program = (): Promise<Record<string, unknown>> => {
      const [first, second] = ["waf", "pay"].map(
        (name) =>
          new SigsciIstioIntegration(name, {
            namespace: name,
            credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
            targets: [{ name: "web", namespace: "shop", matchLabels: { app: name } }],
            ...(name === "waf" && args),
          }),
      );
      // Everything that the components give: a program that exports it waits for it.
      return Promise.resolve({ first: outputsOf(first), second: outputsOf(second) });
    };
    const { kubeconfig } = world.cluster;
    stack = await withStack(program, { kubeconfig, automation: project.automation });
  });
  afterEach(() => {
    stack.dispose();
  });

  for (const { what, args: given = {}, text, says } of refusals) {
    for (const operation of ["preview", "up"] as const) {
      it(`ends the ${operation} with the reason, and creates nothing: ${what}`, async () => {
        args = given;
        await freshMesh(world.cluster, text);
        const before = await clusterObjects(world.cluster.kubeconfig);
        const message = await refusalOf(stack, operation);
        assert.match(message, says);
        assert.doesNotMatch(message, /^\s+at .*:\d+/m, "a stack is shown");
        const after = await clusterObjects(world.cluster.kubeconfig);
        assert.deepEqual(compareObjects(before, after), { added: [], removed: [], changed: [] });
      });
    }
  }
});

function outputsOf(component: object | undefined): Record<string, unknown> {
  const outputs = Object.entries(component ?? {}).filter(([, value]) => pulumi.Output.isInstance(value));
  assert.ok(outputs.length > 10, "the component has its outputs");
  return Object.fromEntries(outputs);
}
