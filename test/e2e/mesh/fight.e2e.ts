import assert from "node:assert/strict";
import { watchMesh } from "../lifecycle/meshWatch";
import type { MeshWatch } from "../lifecycle/meshWatch";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { meshProviderNames, policiesWithoutProvider } from "./providersOfPolicies";
import { steps } from "./steps";
import { wafProgram } from "./wafProgram";

describe("a manager that takes the mesh text back before every run", function () {
  this.timeout(300_000);
  let world: World;
  let mesh: MeshWatch;
  let stack: ProgramStack;

  before(async () => {
    const project = await packedProject();
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    mesh = await watchMesh(world.cluster.kubeconfig);
    stack = await withStack(
      wafProgram(project, () => ({})),
      { kubeconfig: world.cluster.kubeconfig, automation: project.automation },
    );
    await stack.up();
  });
  after(async () => {
    mesh.stop();
    stack.dispose();
    await world.stop();
  });

  it("loses against every up, and every preview and up says what it restores", async () => {
    const said = /waf-ext-authz restored, somebody removed it: checks by waf-agent\.sigsci/;
    for (let round = 0; round < 3; round += 1) {
      await mesh.restoreBy("server-side apply", chartText);
      const preview = await stack.preview();
      assert.match(preview.stdout, said);
      assert.deepEqual(steps(preview), ["update waf-mesh-default"]);
      await mesh.restoreBy("server-side apply", `${chartText}\nround: ${round}`);
      const report = await stack.up();
      assert.match(report.stdout, said);
      assert.deepEqual(steps(report), ["update waf-mesh-default"]);
      const text = (await mesh.seen()).at(-1) ?? "";
      assert.deepEqual(meshProviderNames(text), new Set(["waf-ext-authz", "waf-access-log"]));
      assert.ok(text.startsWith(`${chartText}\nround: ${round}\n`), text);
      assert.deepEqual(await policiesWithoutProvider(world.cluster.kubeconfig), []);
    }
  });
});
