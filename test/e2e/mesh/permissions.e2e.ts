import assert from "node:assert/strict";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import type { PlainKubernetesObject } from "../lifecycle/objects";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { documented, without } from "./documentedRoles";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { RunFailure, withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { freshMesh } from "./meshConfigMap";
import { meshTextOf, policiesWithoutProvider } from "./providersOfPolicies";
import { steps } from "./steps";
import { wafProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

const user = "deployer";

/** One right that is taken away from the documented ones. */
interface Lack {
  resource: string;
  verb: string;
  namespace: string;
  /** The first operation that fails. */
  fails: "preview" | "up";
  /** What is in the cluster afterwards: everything that comes before in the order of creation. */
  created: RegExp[];
}

const agent = [
  /^Deployment sigsci\/waf-agent$/,
  /^Secret sigsci\/sigsci\.shop-prod-/,
  /^Service sigsci\/waf-agent$/,
  /^ServiceAccount sigsci\/waf-agent$/,
];

const lacks: Lack[] = [
  { resource: "configmaps", verb: "get", namespace: "istio-system", fails: "preview", created: [] },
  { resource: "configmaps", verb: "patch", namespace: "istio-system", fails: "up", created: agent },
  {
    resource: "authorizationpolicies",
    verb: "create",
    namespace: "shop",
    fails: "up",
    created: [...agent, /^Telemetry shop\/waf-storefront$/],
  },
];

describe("a user with few permissions", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let args: WafArgs;
  let clean: ReadonlyMap<string, PlainKubernetesObject>;

  before(async () => {
    world = await startWorld({ users: [{ name: user, token: "e2e-deployer-token" }] });
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    await grant(documented);
  });
  after(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    await grant(documented);
    await freshMesh(world.cluster);
    clean = await read();
    args = {};
    const project = await packedProject();
    const program = wafProgram(project, () => ({ createNamespace: false, ...args }));
    const kubeconfig = world.cluster.kubeconfigOf(user);
    stack = await withStack(program, { kubeconfig, automation: project.automation });
  });
  afterEach(async function () {
    if (this.currentTest?.isPassed() !== true) {
      // A second try must find nothing of the first.
      await grant(documented);
      await stack.destroy();
    }
    stack.dispose();
  });

  const grant = (objects: readonly PlainObject[]): Promise<void> =>
    applyObjects(world.cluster.kubeconfig, objects);
  const read = (): Promise<Map<string, PlainKubernetesObject>> => clusterObjects(world.cluster.kubeconfig);

  it("runs the quick start to its end with the documented Roles, and teardown and destroy too", async () => {
    await stack.preview();
    await stack.up();
    assert.ok((await read()).has("AuthorizationPolicy shop/waf-storefront"));
    assert.deepEqual(steps(await stack.preview()), []);
    args = { teardown: true };
    await stack.up();
    await stack.destroy();
    assert.deepEqual(compareObjects(clean, await read()), {
      added: [],
      removed: [],
      changed: ["ConfigMap istio-system/istio"],
    });
    assert.equal(meshTextOf(await read()), chartText);
  });

  for (const { resource, verb, namespace, fails, created } of lacks) {
    it(`without ${verb} on ${resource}: says so, makes no policy, and goes on once it is granted`, async () => {
      await grant(documented.map((object) => without(object, resource, verb)));
      const failure = await failureOf(fails === "preview" ? stack.preview() : stack.up());
      // The failed run says itself what must be granted.
      assert.match(failure.message, new RegExp(`User "${user}" cannot ${verb} resource "${resource}"`));
      assert.match(failure.message, new RegExp(`in the namespace "${namespace}"`));
      const found = await read();
      const added = compareObjects(clean, found).added.filter((key) => !/^(Pod|ReplicaSet|Endp)/.test(key));
      assert.equal(added.length, created.length, added.join("\n"));
      for (const expected of created) {
        assert.ok(
          added.some((key) => expected.test(key)),
          String(expected),
        );
      }
      assert.deepEqual(await policiesWithoutProvider(world.cluster.kubeconfig), []);
      if (resource === "configmaps") {
        assert.equal(meshTextOf(found), chartText);
      }
      await grant(documented);
      await stack.up();
      assert.ok((await read()).has("AuthorizationPolicy shop/waf-storefront"));
      assert.deepEqual(steps(await stack.preview()), []);
      await stack.destroy();
    });
  }
});

async function failureOf(run: Promise<unknown>): Promise<RunFailure> {
  try {
    await run;
  } catch (error) {
    assert.ok(error instanceof RunFailure, String(error));
    return error;
  }
  assert.fail("it succeeded without the permission");
}
