import assert from "node:assert/strict";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { testProgram } from "./exampleProgram";
import { clusterObjects, compareObjects } from "./objects";
import { startWorld } from "./world";
import type { World } from "./world";

describe("a program that makes the mesh ConfigMap itself", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;

  beforeEach(async () => {
    const project = await packedProject();
    world = await startWorld();
    for (const namespace of ["istio-system", "shop"]) {
      await ensureNamespace(world.cluster.kubeconfig, namespace);
    }
    const program = testProgram(project, "mesh-in-stack");
    stack = await withStack(program.run, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
    });
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });

  const meshText = async (): Promise<string | undefined> => {
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    const read = { name: "istio", namespace: "istio-system" };
    return (await config.makeApiClient(CoreV1Api).readNamespacedConfigMap(read)).data?.mesh;
  };

  it("is previewed before the ConfigMap exists, edits it once it does, and leaves nothing", async () => {
    const before = await clusterObjects(world.cluster.kubeconfig);
    const preview = await stack.preview();
    assert.ok(preview.steps.some(({ op, name }) => op === "create" && name === "waf-storefront-policy"));
    await stack.up();
    assert.match((await meshText()) ?? "", /- name: waf-ext-authz\n/);
    const again = await stack.preview();
    assert.deepEqual(
      again.steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`),
      [],
    );
    await stack.destroy();
    const left = compareObjects(before, await clusterObjects(world.cluster.kubeconfig));
    assert.deepEqual(left, { added: [], removed: [], changed: [] });
  });
});
