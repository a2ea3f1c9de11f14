import assert from "node:assert/strict";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import type { PlainKubernetesObject } from "../lifecycle/objects";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { refusalOf } from "../preflight/refusal";
import { applyObjects, ensureNamespace } from "../stack/apply";
import { RunFailure, withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import { isBuiltProvider } from "../stack/plugins";
import type { RunReport } from "../stack/runReport";
import { meshProviderNames } from "./providersOfPolicies";
import type { WafArgs } from "./wafProgram";

type Package = typeof import("../../../src");

/** Components by logical name. */
type Components = Readonly<Record<string, WafArgs>>;

const done = (report: RunReport): string[] =>
  report.finished.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);
const said = (report: RunReport, severity: string): string[] =>
  report.diagnostics.filter((one) => one.severity === severity).map(({ message }) => message.trim());
/** What the component warns of; the engine has warnings of its own. */
const warnings = (report: RunReport): string[] =>
  said(report, "warning").filter((message) => message.startsWith("Mesh configuration"));

function assertOrder(report: RunReport, ...steps: string[]): void {
  const places = steps.map((step) => done(report).indexOf(step));
  assert.ok(
    places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? 0))),
    `${steps.join(" < ")} is not the order of:\n${done(report).join("\n")}`,
  );
}

const textOf = (objects: ReadonlyMap<string, PlainKubernetesObject>, name: string): unknown => {
  const data = objects.get(`ConfigMap istio-system/${name}`)?.data;
  return typeof data === "object" && data !== null ? Reflect.get(data, "mesh") : undefined;
};

describe("the strategies of the mesh configuration", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let sigsci: Package;
  let world: World;
  let stack: ProgramStack;
  let initial: Map<string, PlainKubernetesObject>;
  let components: Components;

  const program: PulumiFn = () => {
    for (const [name, args] of Object.entries(components)) {
      new sigsci.SigsciIstioIntegration(name, {
        credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
        targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: name } }],
        namespace: `sigsci-${name}`,
        ...args,
      });
    }
    return Promise.resolve({});
  };
  /** Everything but the pods of the stand-in for istiod, which come and go when they do. */
  const objects = async (): Promise<Map<string, PlainKubernetesObject>> => {
    const found = await clusterObjects(world.cluster.kubeconfig);
    return new Map([...found].filter(([key]) => !/^(Pod|ReplicaSet) istio-system\//.test(key)));
  };
  const newStack = (stackName: string): Promise<ProgramStack> =>
    withStack(program, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      stackName,
    });
  const assertNothingLeft = async (): Promise<void> => {
    assert.deepEqual(compareObjects(initial, await objects()), { added: [], removed: [], changed: [] });
  };

  before(async () => {
    project = await packedProject();
    // `require` does not know the types; the package is packed from the sources that they are taken from.
    sigsci = project.require("pulumi-sigsci-istio") as Package;
  });
  beforeEach(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });

  describe("External", () => {
    const external = { mesh: { strategy: "External" } } as unknown as WafArgs;

    it("warns in the preview, refuses to make policies without their provider, and then leaves nothing", async () => {
      components = { waf: external };
      initial = await objects();
      stack = await newStack("refused");
      const preview = await stack.preview();
      const [warning, ...others] = warnings(preview);
      assert.match(
        warning ?? "",
        /^Mesh configuration in ConfigMap istio-system\/istio: provider waf-access-log is missing: the agent sees no/,
      );
      assert.equal(others.length, 1);
      assert.match(
        others[0] ?? "",
        /provider waf-ext-authz is missing: .*403.*\. `pulumi up` stops here as long as it is so\./,
      );
      const refusal = await refusalOf(stack, "up");
      assert.match(
        refusal,
        /Mesh configuration in ConfigMap istio-system\/istio: provider waf-ext-authz is missing/,
      );
      await assertNothingLeft();
    });

    it("changes nothing of the mesh, is the same again, and says in teardown what to take out by hand", async () => {
      components = { waf: external };
      const { extensionProvidersYaml } = sigsci.extensionProviderDefinitions("waf", {
        namespace: "sigsci-waf",
      });
      const withProviders = `${chartText}\nextensionProviders:\n${extensionProvidersYaml}`;
      await applyMesh(world.cluster, withProviders);
      initial = await objects();
      stack = await newStack("external");
      const up = await stack.up();
      assert.deepEqual(warnings(up), []);
      assertOrder(up, "create waf-deployment", "create waf-storefront-policy");
      assert.deepEqual(
        initial.get("ConfigMap istio-system/istio"),
        (await objects()).get("ConfigMap istio-system/istio"),
      );
      assert.deepEqual(done(await stack.preview()), []);

      await applyMesh(world.cluster, withProviders.replace("timeout: 200ms", "timeout: 5s"));
      const [differs] = warnings(await stack.up());
      assert.match(differs ?? "", /waf-ext-authz differs .*: envoyExtAuthzGrpc\.timeout: "5s" -> "200ms"\.$/);
      await applyMesh(world.cluster, withProviders);

      components = { waf: { ...external, teardown: true } };
      const teardown = await stack.up();
      assert.ok(
        said(teardown, "info").some((message) =>
          message.includes("take waf-ext-authz and waf-access-log out of"),
        ),
      );
      const policy = (await objects()).get("AuthorizationPolicy shop/waf-storefront");
      assert.deepEqual(policy?.spec, { selector: { matchLabels: { app: "waf" } }, action: "AUDIT" });
      await stack.destroy();
      await assertNothingLeft();
    });
  });

  describe("Shared", () => {
    const shared = { mesh: { strategy: "Shared" } } as unknown as WafArgs;
    const sharedText = async (): Promise<unknown> => textOf(await objects(), "sigsci-mesh-config");
    const sharedNames = async (): Promise<string[]> =>
      [...meshProviderNames(String(await sharedText()))].sort();
    const [waf, pay] = ["waf", "pay"].map((name) => [`${name}-access-log`, `${name}-ext-authz`]);

    async function applyIstiod(env: object[]): Promise<void> {
      const labels = { app: "istiod" };
      const container = {
        name: "discovery",
        image: "istio/pilot",
        env: [{ name: "REVISION", value: "default" }, ...env],
      };
      await applyObjects(world.cluster.kubeconfig, [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "istiod", namespace: "istio-system" },
          spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [container] } },
          },
        },
      ]);
    }

    beforeEach(async () => {
      await applyIstiod([{ name: "SHARED_MESH_CONFIG", value: "sigsci-mesh-config" }]);
      initial = await objects();
    });

    it("shows the whole text in the first preview, writes it, is the same again, and leaves nothing", async () => {
      components = { waf: shared };
      stack = await newStack("shared");
      const preview = await stack.preview();
      assert.ok(preview.stdout.includes("waf-agent.sigsci-waf.svc.cluster.local"), preview.stdout);
      const up = await stack.up();
      assertOrder(
        up,
        "create sigsci-istio-sigsci-mesh-config",
        "create waf-deployment",
        "create waf-mesh-shared",
        "create waf-storefront-policy",
      );
      assert.deepEqual(await sharedNames(), waf);
      assert.equal(textOf(await objects(), "istio"), chartText);
      assert.deepEqual(done(await stack.preview()), []);
      assert.deepEqual(done(await stack.up()), []);
      await stack.refresh();
      assert.deepEqual(done(await stack.preview()), []);
      const destroyed = await stack.destroy();
      assertOrder(destroyed, "delete waf-storefront-policy", "delete sigsci-istio-sigsci-mesh-config");
      await assertNothingLeft();
    });

    it("serves several components, of which any may go", async () => {
      components = { waf: shared };
      stack = await newStack("shared");
      await stack.up();
      components = { waf: shared, pay: shared };
      const second = await stack.up();
      assert.ok(!done(second).some((step) => step.endsWith("sigsci-istio-sigsci-mesh-config")));
      assert.deepEqual(await sharedNames(), [...(pay ?? []), ...(waf ?? [])]);
      assert.deepEqual(done(await stack.preview()), []);

      // The first one made the ConfigMap; it stays, and so does the entry until nothing can refer to it.
      components = { pay: shared };
      const removed = await stack.up();
      assert.ok(
        !done(removed).some((step) => step.endsWith("sigsci-istio-sigsci-mesh-config")),
        done(removed).join(),
      );
      assert.deepEqual(await sharedNames(), [...(pay ?? []), ...(waf ?? [])]);
      assert.deepEqual(done(await stack.preview()), []);

      const metadata = { name: "sigsci-mesh-config", namespace: "istio-system" };
      await applyObjects(world.cluster.kubeconfig, [
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: "extensionProviders: []\n" } },
      ]);
      assert.deepEqual(done(await stack.preview()), ["update pay-mesh-shared"]);
      await stack.up();
      // Who writes restores the entries of all that have not taken theirs out.
      assert.deepEqual(await sharedNames(), [...(pay ?? []), ...(waf ?? [])]);
      assert.deepEqual(done(await stack.preview()), []);

      components = { pay: { ...shared, teardown: true } };
      const teardown = await stack.up();
      assertOrder(teardown, "update pay-storefront-policy", "update pay-mesh-shared");
      assert.deepEqual(await sharedNames(), waf);
      assert.deepEqual(done(await stack.preview()), []);
      await stack.destroy();
      await assertNothingLeft();
    });

    it("is refused while istiod does not read the ConfigMap, and then nothing was created", async () => {
      components = { waf: shared };
      await applyIstiod([]);
      initial = await objects();
      stack = await newStack("shared");
      const refusal = await refusalOf(stack, "up");
      assert.match(
        refusal,
        /Deployment istio-system\/istiod of istiod: its variable SHARED_MESH_CONFIG is not set/,
      );
      assert.match(refusal, /pilot: \{ env: \{ SHARED_MESH_CONFIG: sigsci-mesh-config \} \}/);
      await assertNothingLeft();
    });

    it("is not shared by two stacks unawares, but may be on purpose", async () => {
      components = { waf: shared };
      stack = await newStack("shared");
      await stack.up();
      const other = await newStack("other");
      const isBuilt = await isBuiltProvider();
      try {
        components = { pay: shared };
        await assert.rejects(other.up(), (error) => {
          assert.ok(error instanceof RunFailure);
          // The version that the suite builds creates by server-side apply; a newer one by a plain create.
          assert.match(
            error.message,
            isBuilt
              ? /sigsci-mesh-config.*apply conflict/s
              : /sigsci-mesh-config.*already exists|already exists.*sigsci-mesh-config/s,
          );
          return true;
        });
        components = { pay: { mesh: { ...shared.mesh, createSharedConfigMap: false } } };
        await other.up();
        assert.deepEqual(await sharedNames(), [...(pay ?? []), ...(waf ?? [])]);
        // What another stack wrote shows as an update of the same content, and is kept.
        components = { waf: shared };
        assert.deepEqual(done(await stack.up()), ["update waf-mesh-shared"]);
        assert.deepEqual(await sharedNames(), [...(pay ?? []), ...(waf ?? [])]);
        assert.deepEqual(done(await stack.preview()), []);
        components = { pay: { mesh: { ...shared.mesh, createSharedConfigMap: false }, teardown: true } };
        await other.up();
        assert.deepEqual(await sharedNames(), waf);
        await other.destroy();
      } finally {
        other.dispose();
      }
      await stack.destroy();
      await assertNothingLeft();
    });
  });
});
