import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { AppsV1Api, AutoscalingV2Api, KubeConfig } from "@kubernetes/client-node";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import { changes } from "../stack/runReport";
import type { RunReport } from "../stack/runReport";
import { exampleProgram } from "./exampleProgram";
import type { ExampleProgram } from "./exampleProgram";
import { isThere } from "./isThere";
import { applyMesh, startWorld } from "./world";
import type { World } from "./world";

const deployment = { namespace: "sigsci", name: "waf-agent" };
const changed = (report: RunReport): string[] => changes(report).map(({ op, name }) => `${op} ${name}`);

describe("an autoscaler of the agent", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let world: World;
  let program: ExampleProgram;
  let stack: ProgramStack;
  let apps: AppsV1Api;
  let agent: string;

  /** Replaces the argument `agent`. */
  const setAgent = (fields: string): void => {
    const next = `  agent: { expectResponseData: false, ${fields} },\n  targets: [`;
    program.edit(agent, next);
    agent = next;
  };
  const replicas = async (): Promise<number | undefined> => {
    let found: number | undefined;
    await isThere(async () => {
      found = (await apps.readNamespacedDeployment(deployment)).spec?.replicas;
    });
    return found;
  };
  const eventually = async (wanted: number): Promise<void> => {
    for (let tries = 0; tries < 300 && (await replicas()) !== wanted; tries += 1) {
      await delay(100);
    }
    assert.equal(await replicas(), wanted);
  };
  const assertUnchanged = async (): Promise<void> => {
    assert.deepEqual(changed(await stack.preview()), []);
  };
  /** The numbers of pods that the Deployment is told while something runs. */
  const numbersDuring = async (run: () => Promise<unknown>): Promise<number[]> => {
    const seen: number[] = [];
    const state = { isDone: false };
    const done = run().finally(() => {
      state.isDone = true;
    });
    while (!state.isDone) {
      const now = await replicas();
      if (now !== undefined && now !== seen.at(-1)) {
        seen.push(now);
      }
      await delay(50);
    }
    await done;
    return seen;
  };

  before(async () => {
    project = await packedProject();
  });
  beforeEach(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    apps = config.makeApiClient(AppsV1Api);
    program = exampleProgram(project, "quickstart");
    agent = "  targets: [";
    stack = await withStack(program.run, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      config: { accessKeyId: { value: "id" }, secretAccessKey: { value: "key", secret: true } },
    });
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });

  it("starts with the fewest pods, and no preview speaks of what it makes of them", async () => {
    setAgent("autoscaling: { minReplicas: 3, maxReplicas: 6 }");
    assert.deepEqual(await numbersDuring(() => stack.up()), [3]);
    assert.equal(world.pods.starts.length, 3);
    await assertUnchanged();
    setAgent("autoscaling: { minReplicas: 5, maxReplicas: 6 }");
    assert.deepEqual(changed(await stack.up()), ["update waf", "update waf-autoscaler"]);
    await eventually(5);
    await assertUnchanged();
    await stack.refresh();
    await assertUnchanged();
    setAgent('autoscaling: { minReplicas: 5, maxReplicas: 6 }, image: { version: "4.83.0" }');
    const numbers = await numbersDuring(() => stack.up());
    assert.deepEqual(numbers, [5], "a rollout must leave the number alone");
    await stack.destroy();
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    const autoscalers = config.makeApiClient(AutoscalingV2Api);
    assert.equal(await isThere(() => autoscalers.readNamespacedHorizontalPodAutoscaler(deployment)), false);
  });

  it("takes over the number of the program, and gives it back, at no moment with fewer pods", async () => {
    setAgent("replicas: 3");
    await stack.up();
    setAgent("autoscaling: { minReplicas: 2, maxReplicas: 6 }");
    const handedOver = await numbersDuring(async () => {
      assert.deepEqual(changed(await stack.up()), [
        "update waf",
        "update waf-deployment",
        "create waf-autoscaler",
      ]);
    });
    assert.deepEqual(handedOver, [3]);
    await assertUnchanged();
    setAgent("autoscaling: { minReplicas: 4, maxReplicas: 4 }");
    await stack.up();
    await eventually(4);
    await assertUnchanged();

    setAgent("replicas: 4");
    const givenBack = await numbersDuring(async () => {
      assert.deepEqual(changed(await stack.up()), [
        "update waf",
        "update waf-deployment",
        "delete waf-autoscaler",
      ]);
    });
    assert.deepEqual(givenBack, [4]);
    await assertUnchanged();
    // What the autoscaler wrote is its field even now that it has gone.
    setAgent("replicas: 2");
    await stack.up();
    assert.equal(await replicas(), 2);
    await assertUnchanged();
  });
});
