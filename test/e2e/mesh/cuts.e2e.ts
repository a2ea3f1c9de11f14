import assert from "node:assert/strict";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import type { PlainKubernetesObject } from "../lifecycle/objects";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { applyObjects, ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { say } from "../stack/progress";
import { startApiProxy } from "./apiProxy";
import type { ApiProxy, ApiWrite, HoldingPoint } from "./apiProxy";
import { freshMesh } from "./meshConfigMap";
import { killAtWrite, recover } from "./interruptedRun";
import { meshTextOf, policiesWithoutProvider } from "./providersOfPolicies";
import { settled } from "./settled";
import { steps } from "./steps";
import { wafProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

type Objects = ReadonlyMap<string, PlainKubernetesObject>;

/** A place at which the engine is killed. */
interface Cut {
  point: HoldingPoint;
  number: number;
}

describe("an engine that is killed", function () {
  this.timeout(2_400_000);
  let world: World;
  let proxy: ApiProxy;
  let stack: ProgramStack;
  let args: WafArgs;
  let clean: Objects;

  const read = (): Promise<Map<string, PlainKubernetesObject>> => clusterObjects(world.cluster.kubeconfig);
  /** One operation at a time, as in the runs that are cut. */
  const writesOfUp = async (): Promise<ApiWrite[]> => {
    proxy.reset();
    await stack.stack.up({ parallel: 1 });
    return [...proxy.writes];
  };
  const cutAndRecover = async (what: string, { point, number }: Cut): Promise<void> => {
    const { method, path } = await killAtWrite(stack, args, proxy, point, number);
    const place = `${what}, killed ${point} write ${number}: ${method} ${path}`;
    say(place);
    assert.deepEqual(await policiesWithoutProvider(world.cluster.kubeconfig), [], place);
    await recover(stack, point);
    assert.deepEqual(steps(await stack.preview()), [], `${place}; the preview after the recovery`);
  };

  before(async () => {
    const project = await packedProject();
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    proxy = await startApiProxy(world.cluster);
    args = {};
    stack = await withStack(
      wafProgram(project, () => args),
      { kubeconfig: proxy.kubeconfig, automation: project.automation },
    );
    clean = await read();
  });
  after(async () => {
    stack.dispose();
    await proxy.stop();
    await world.stop();
  });

  it("between any two writes of an up or a teardown, the next up ends in the right state", async () => {
    // A first try may have left something.
    await startAfresh();
    const up = await writesOfUp();
    const running = settled(await read());
    args = { teardown: true };
    const teardown = cutsOf(await writesOfUp());
    const left = settled(await read());
    const number = teardown.length;
    const cuts = cutsOf(up);
    await startAfresh();
    for (const cut of cuts) {
      await cutAndRecover("up", cut);
      assert.deepEqual(settled(await read()), running);
      // An object that was taken over is written in another way, so it is no start for a teardown that is counted.
      const next = cut.point === "before" ? teardown.shift() : undefined;
      args = { teardown: next !== undefined };
      if (next !== undefined) {
        await cutAndRecover("teardown", next);
        assert.deepEqual(settled(await read()), left);
        assert.equal(meshTextOf(await read()), chartText);
      }
      await startAfresh();
    }
    assert.deepEqual(teardown, [], "cuts of the teardown that were not made");
    say(`killed at ${cuts.length} places of an up and ${number} of a teardown`);
  });

  it("would be noticed with a policy that has no provider", async () => {
    const policy = {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "early", namespace: "shop" },
      spec: { action: "CUSTOM", provider: { name: "nobody" }, rules: [{}] },
    };
    await applyObjects(world.cluster.kubeconfig, [policy]);
    assert.deepEqual(await policiesWithoutProvider(world.cluster.kubeconfig), [
      "AuthorizationPolicy shop/early -> nobody",
    ]);
  });

  /** Destroys the stack; nothing of an interrupted run may be left over. */
  async function startAfresh(): Promise<void> {
    await stack.destroy();
    const { added, removed } = compareObjects(clean, await read());
    assert.deepEqual({ added, removed }, { added: [], removed: [] });
    await freshMesh(world.cluster);
    args = {};
  }
});

/** Before and after each write. */
function cutsOf(writes: readonly ApiWrite[]): Cut[] {
  return writes.flatMap((_, index) =>
    (["before", "after"] as const).map((point) => ({ point, number: index + 1 })),
  );
}
