import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { meshTexts } from "../../mesh/text/meshTexts";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { say } from "../stack/progress";
import { freshMesh, readMesh } from "./meshConfigMap";
import { meshProviderNames } from "./providersOfPolicies";
import { seedOfRun } from "./seed";
import { steps } from "./steps";
import { wafProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

const ours = ["waf-ext-authz", "waf-access-log"];

describe("random mesh texts on the API server", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let args: WafArgs = {};

  before(async () => {
    const project = await packedProject();
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    stack = await withStack(
      wafProgram(project, () => args),
      { kubeconfig: world.cluster.kubeconfig, automation: project.automation },
    );
  });
  after(async () => {
    stack.dispose();
    await world.stop();
  });

  const text = async (): Promise<string> => (await readMesh(world.cluster.kubeconfig)).data?.mesh ?? "";

  it("ten of them: up, same, and a teardown that gives the text back byte for byte", async () => {
    const seed = seedOfRun();
    say(`seed ${seed}`);
    for (const found of fc.sample(meshTexts, { seed, numRuns: 10 })) {
      await freshMesh(world.cluster, found);
      args = {};
      await stack.up();
      const edited = await text();
      assert.deepEqual(meshProviderNames(edited), new Set([...meshProviderNames(found), ...ours]));
      assert.deepEqual(withoutList(edited), withoutList(found), JSON.stringify(found));
      assert.deepEqual(steps(await stack.preview()), [], JSON.stringify(found));
      args = { teardown: true };
      await stack.up();
      assert.equal(await text(), found);
    }
  });
});

function withoutList(text: string): unknown {
  // A mesh text is a mapping.
  return { ...(parse(text) as object), extensionProviders: undefined };
}
