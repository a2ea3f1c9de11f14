import assert from "node:assert/strict";
import { PreflightCheck, SigsciIstioIntegration } from "../../../src";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import { clusterObjects } from "../lifecycle/objects";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { steps } from "../mesh/steps";
import { documented, without } from "../mesh/documentedRoles";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import type { RunReport } from "../stack/runReport";
import { refusalOf } from "./refusal";

const user = "deployer";

/** A right that is taken away from the documented ones, and what the refusal says of it. */
interface Lack {
  verb: string;
  resource: string;
  line: string;
  rule: string;
}

const lacks: Lack[] = [
  {
    verb: "patch",
    resource: "configmaps",
    line: "patch configmaps istio in istio-system",
    rule: 'in a Role in istio-system:\n      rules:\n        - { apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["patch"] }',
  },
  {
    verb: "create",
    resource: "authorizationpolicies",
    line: "create authorizationpolicies.security.istio.io in shop",
    rule: 'in a Role in shop:\n      rules:\n        - { apiGroups: ["security.istio.io"], resources: ["authorizationpolicies"], verbs: ["create"] }',
  },
];

describe("preflight: the rights of the user", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let args: Partial<SigsciIstioIntegrationArgs>;

  const grant = (objects: readonly PlainObject[]): Promise<void> =>
    applyObjects(world.cluster.kubeconfig, objects);
  const objects = async (): Promise<string[]> => [...(await clusterObjects(world.cluster.kubeconfig)).keys()];
  const program = (): Promise<Record<string, unknown>> => {
    new SigsciIstioIntegration("waf", {
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
      createNamespace: false,
      ...args,
    });
    return Promise.resolve({});
  };
  /** A stack whose default provider runs as the user, with a kubeconfig that preflight may use too. */
  const newStack = async (): Promise<ProgramStack> => {
    const value = world.cluster.kubeconfigOf(user);
    return withStack(program, { kubeconfig: value, config: { "kubernetes:kubeconfig": { value } } });
  };
  const said = ({ diagnostics }: RunReport): string[] =>
    diagnostics.map(({ message }) => message).filter((message) => message.includes("preflight"));

  before(async () => {
    world = await startWorld({ users: [{ name: user, token: "e2e-deployer-token" }] });
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
  });
  after(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    await grant(documented);
    args = {};
    stack = await newStack();
  });
  afterEach(() => {
    stack.dispose();
  });

  for (const { verb, resource, line, rule } of lacks) {
    it(`without ${verb} on ${resource}: the preview says so, and up stops with the rule before anything is created`, async () => {
      await grant(documented.map((object) => without(object, resource, verb)));
      const before = await objects();
      const lines = `Not allowed are\n      ${line}\n    Grant\n      ${rule}\n    The`;
      const warnings = said(await stack.preview());
      assert.ok(
        warnings.some((message) => message.includes(lines)),
        warnings.join("\n"),
      );
      const refusal = await refusalOf(stack, "up");
      assert.match(refusal, /preflight stopped this run, nothing was changed\./);
      assert.ok(refusal.includes(lines), refusal);
      assert.deepEqual(await objects(), before);
      args = { preflight: { ignore: [PreflightCheck.Permissions] } };
      stack.dispose();
      stack = await newStack();
      assert.ok(said(await stack.preview()).every((message) => !message.includes("Permissions")));
    });
  }

  for (const operation of ["preview", "up"] as const) {
    it(`without get on configmaps: ${operation} names the rule before the read that fails, and nothing is created`, async () => {
      await grant(documented.map((object) => without(object, "configmaps", "get")));
      const before = await objects();
      const warnings: string[] = [];
      const run = stack.stack[operation]({
        onEvent: ({ diagnosticEvent }) => {
          if (diagnosticEvent?.severity === "warning") {
            warnings.push(diagnosticEvent.message);
          }
        },
      });
      await assert.rejects(run, (error) =>
        String(error).includes(
          `User "${user}" cannot get resource "configmaps" in API group "" in the namespace`,
        ),
      );
      const rule =
        'in a Role in istio-system:\n      rules:\n        - { apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["get"] }';
      const [warning = "", ...more] = warnings.filter((message) => message.includes("preflight"));
      assert.ok(
        warning.includes(`may not get configmaps istio-system/istio, which is read`) &&
          warning.includes(rule),
        warnings.join("\n"),
      );
      assert.deepEqual(more, []);
      assert.deepEqual(await objects(), before);
    });
  }

  it("with the documented Roles: has nothing to say, and the update runs to its end", async () => {
    for (const report of [await stack.preview(), await stack.up()]) {
      const [gaps = "", ...more] = said(report);
      // The documented Roles are those of the update; what else preflight reads is not among them.
      assert.match(gaps, /^preflight looked at a part only, it may not /);
      assert.deepEqual(more, []);
    }
    assert.ok((await objects()).includes("AuthorizationPolicy shop/waf-storefront"));
    assert.deepEqual(steps(await stack.preview()), []);
    await stack.destroy();
  });
});
