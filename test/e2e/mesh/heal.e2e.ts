import assert from "node:assert/strict";
import { watchMesh } from "../lifecycle/meshWatch";
import type { MeshWatch, Owner } from "../lifecycle/meshWatch";
import { startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import { createMesh, deleteMesh } from "./meshConfigMap";
import { meshProviderNames } from "./providersOfPolicies";
import { steps } from "./steps";
import { wafProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

const installed = [
  "# as installed",
  "rootNamespace: istio-system",
  "trustDomain: cluster.local",
  "extensionProviders:",
  "- name: tracing",
  "  zipkin: {service: z.tracing, port: 9411}",
  "",
].join("\n");

/** What the next version of a chart writes; its access log comes and goes with it, and the Telemetry follows. */
const upgraded = `${installed.replace("as installed", "as upgraded")}accessLogFile: /dev/stdout\n`;

const ours = ["waf-ext-authz", "waf-access-log"];

describe("a mesh text that somebody else owns", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let world: World;
  let mesh: MeshWatch;
  let stack: ProgramStack;
  let args: WafArgs;

  before(async () => {
    project = await packedProject();
    world = await startWorld();
    for (const namespace of ["istio-system", "shop"]) {
      await ensureNamespace(world.cluster.kubeconfig, namespace);
    }
  });
  after(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    mesh = await watchMesh(world.cluster.kubeconfig);
    args = {};
    stack = await withStack(
      wafProgram(project, () => args),
      { kubeconfig: world.cluster.kubeconfig, automation: project.automation },
    );
  });
  afterEach(async () => {
    const texts = await mesh.seen();
    mesh.stop();
    await stack.destroy();
    stack.dispose();
    await deleteMesh(world.cluster.kubeconfig);
    // Whatever happened: at no moment was the mesh without its configuration.
    assert.deepEqual(
      texts.filter((text) => !text?.includes("trustDomain: cluster.local")),
      [],
    );
  });

  /** A preview shows the loss, the next up ends it, and the one after that has nothing to do. */
  const heals = async (text: string): Promise<void> => {
    const preview = await stack.preview();
    assert.deepEqual(steps(preview).sort(), ["update waf-mesh-default", "update waf-storefront-telemetry"]);
    for (const name of ours) {
      assert.match(preview.stdout, new RegExp(`${name} restored, somebody removed it`));
    }
    await stack.up();
    const healed = (await mesh.seen()).at(-1) ?? "";
    assert.deepEqual(meshProviderNames(healed), new Set([...ours, "tracing"]));
    for (const line of text.split("\n")) {
      assert.ok(healed.includes(line), `lost: ${line}`);
    }
    assert.deepEqual(steps(await stack.preview()), []);
  };

  for (const owner of ["server-side apply", "client-side apply", "replacement"] satisfies Owner[]) {
    it(`by ${owner}: made, upgraded and put back, each time shown and healed, and left as its owner had it`, async () => {
      await createMesh(world.cluster.kubeconfig, owner, installed);
      await stack.up();
      assert.deepEqual(steps(await stack.preview()), []);
      await mesh.restoreBy(owner, upgraded);
      await heals(upgraded);
      await mesh.restoreBy(owner, installed);
      await heals(installed);
      args = { teardown: true };
      await stack.up();
      assert.equal((await mesh.seen()).at(-1), installed);
    });
  }
});
