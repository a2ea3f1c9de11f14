import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { AppsV1Api, KubeConfig } from "@kubernetes/client-node";
import type { V1Deployment } from "@kubernetes/client-node";
import type { ComponentResourceOptions, Input, ResourceTransform } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { RunFailure, withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import { diagnosticsText } from "../stack/runReport";
import type { RunReport } from "../stack/runReport";
import { assertNotInState } from "../stack/stateFiles";
import { applyMesh, startWorld } from "./world";
import type { World } from "./world";
import { watchWorkload } from "./workloadWatch";
import type { WorkloadWatch } from "./workloadWatch";

/** What stands in plain text in the pods of the application. */
const password = "PLAIN-PASSWORD-OF-THE-APPLICATION";
const place = { name: "web", namespace: "shop" };
const target = {
  name: "storefront",
  namespace: "shop",
  matchLabels: { app: "web" },
  workload: { name: "web" },
};

/** The Deployment of the application's team. */
function app(name = "web"): PlainObject {
  const labels = { app: name };
  const containers = [{ name: "web", image: "web:1", env: [{ name: "PASSWORD", value: password }] }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop", annotations: { note: password } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** What an idle step does changes nothing in the cluster. */
const idle = new Set(["same", "read", "discard", "read-discard", "refresh"]);
const named = (steps: RunReport["steps"]): string[] =>
  steps.filter(({ op }) => !idle.has(op)).map(({ op, name }) => `${op} ${name}`);
const changes = (report: RunReport): string[] => named(report.steps);

describe("the agent in a workload", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let sigsci: typeof import("../../../src");
  let world: World;
  let stack: ProgramStack;
  let watch: WorkloadWatch;

  const apps = (): AppsV1Api => {
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    return config.makeApiClient(AppsV1Api);
  };
  const web = (): Promise<V1Deployment> => apps().readNamespacedDeployment(place);
  /** Those of our field managers that the Deployment knows. */
  const managers = async (): Promise<string[]> =>
    ((await web()).metadata?.managedFields ?? []).flatMap(({ manager = "" }) =>
      manager.startsWith("pulumi-sigsci-istio-") ? [manager] : [],
    );
  const component = (
    args: Partial<SigsciIstioIntegrationArgs> = {},
    options: ComponentResourceOptions = {},
    name = "waf",
  ): void => {
    new sigsci.SigsciIstioIntegration(
      name,
      {
        credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
        placement: sigsci.Placement.Sidecar,
        targets: [target],
        ...args,
      },
      options,
    );
  };
  const program =
    (...args: Parameters<typeof component>): PulumiFn =>
    () => {
      component(...args);
      return Promise.resolve();
    };
  /** Runs the present program twice: what it did, and that nothing is left to do. */
  const upTwice = async (): Promise<string[]> => {
    const done = changes(await stack.up());
    assert.deepEqual(changes(await stack.preview()), []);
    return done;
  };
  const assertStayed = (): void => {
    assert.deepEqual(watch.templates.at(-1), "sigsci-agent web");
    assert.equal(watch.templates.filter((names) => names.includes("sigsci-agent")).length, 1, "it was away");
  };
  /** Pods restart when the pod template changes, and that makes a new revision. */
  const revision = async (): Promise<string | undefined> =>
    (await web()).metadata?.annotations?.["deployment.kubernetes.io/revision"];

  before(async () => {
    project = await packedProject();
    // `require` does not know the types; the package is packed from the sources that they are taken from.
    sigsci = project.require("pulumi-sigsci-istio") as typeof sigsci;
  });
  beforeEach(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    await applyObjects(world.cluster.kubeconfig, [app()], { fieldManager: "app-team" });
    watch = await watchWorkload(world.cluster.kubeconfig);
    stack = await withStack(program(), {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      // Where Pulumi's own provider finds the cluster, preflight does, too.
      config: { "kubernetes:kubeconfig": { value: world.cluster.kubeconfig } },
    });
  });
  afterEach(async () => {
    watch.stop();
    stack.dispose();
    await world.stop();
  });

  it("stays when its target is renamed, without a restart of the pods, and still goes with the stack", async () => {
    await stack.up();
    const before = { revision: await revision(), managers: await managers() };
    stack.setProgram(program({ targets: [{ ...target, name: "shopfront" }] }));
    const done = await upTwice();
    assert.ok(done.includes("create waf-shopfront-workload"), done.join());
    assert.ok(done.includes("delete waf-storefront-workload"), done.join());
    assertStayed();
    assert.equal(await revision(), before.revision);
    const after = await managers();
    assert.deepEqual([before.managers.length, after.length], [1, 1]);
    assert.notDeepEqual(after, before.managers);
    await stack.destroy();
    assert.equal(watch.templates.at(-1), "web");
  });

  it("stays when another provider takes its patch over", async () => {
    const { Provider } = project.require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes");
    await stack.up();
    const before = await revision();
    for (const name of ["one", "two"]) {
      stack.setProgram(() => {
        component({}, { provider: new Provider(name, { kubeconfig: world.cluster.kubeconfig }) });
        return Promise.resolve();
      });
      await upTwice();
      assertStayed();
      assert.equal((await managers()).length, 1);
    }
    assert.equal(await revision(), before);
  });

  it("stays when the cluster gets another address, with an identity that says that it is the same", async () => {
    const { Provider } = project.require("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes");
    const here = readFileSync(world.cluster.kubeconfig, "utf8");
    const elsewhere = here.replace(
      "server: https://127.0.0.1",
      "tls-server-name: kubernetes\n      server: https://localhost",
    );
    const at =
      (kubeconfig: string, clusterIdentifier?: string): PulumiFn =>
      () => {
        component({}, { provider: new Provider("cluster", { kubeconfig, clusterIdentifier }) });
        return Promise.resolve();
      };
    stack.setProgram(at(here));
    await stack.up();
    const before = await revision();
    for (const next of [at(here, "shop"), at(elsewhere, "shop")]) {
      stack.setProgram(next);
      assert.deepEqual(await upTwice(), ["update cluster"]);
    }
    // Another identity replaces the provider: all that it made is created once more, and the earlier patch is deleted
    // last.
    stack.setProgram(at(elsewhere, "bank"));
    const finished = named((await stack.up()).finished);
    assert.ok(finished.includes("delete-replaced waf-storefront-workload"), finished.join());
    assertStayed();
    assert.equal(await revision(), before);
  });

  it("stays when the manager of an earlier version hands over to the one of its own", async () => {
    const pulumi = project.require("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
    const earlier: ResourceTransform = ({ type, props, opts }) => {
      if (type === "kubernetes:apps/v1:DeploymentPatch") {
        // The patch that the component registers has annotations, and among them its mark.
        const { annotations } = (props as { metadata: { annotations: Record<string, Input<string>> } })
          .metadata;
        annotations["pulumi.com/patchFieldManager"] = pulumi
          .output(annotations["owner.pulumi-sigsci-istio/sigsci-agent"])
          .apply((mark = "") => `pulumi-sigsci-istio-${mark.split("#")[1] ?? ""}`);
      }
      return { props, opts };
    };
    stack.setProgram(program({}, { transforms: [earlier] }));
    await stack.up();
    const [manager = ""] = await managers();
    assert.match(manager, /^pulumi-sigsci-istio-[0-9a-f]{16}$/);
    const before = await revision();
    stack.setProgram(program());
    assert.deepEqual(
      changes(await stack.preview()).filter((step) => step !== "update waf"),
      ["update waf-storefront-workload"],
    );
    await upTwice();
    assertStayed();
    assert.equal(await revision(), before);
    const [own = "", ...more] = await managers();
    assert.deepEqual(more, []);
    assert.ok(own.startsWith(`${manager}-`), own);
    await stack.destroy();
    assert.equal(watch.templates.at(-1), "web");
  });

  it("stays when the component is renamed: refused without an alias, whose run deletes nothing", async () => {
    await stack.up();
    stack.setProgram(program({}, {}, "shield"));
    for (const run of [() => stack.preview(), () => stack.up()]) {
      await assert.rejects(run(), (error: unknown) => {
        assert.ok(error instanceof RunFailure);
        assert.match(error.message, /aliases: \[\{ name: "waf" \}\]/);
        assert.deepEqual(
          named(error.report.finished).filter((step) => step.startsWith("delete")),
          [],
        );
        return true;
      });
    }
    assertStayed();
    // What the refused run has made of the new name goes first.
    stack.setProgram(program());
    await upTwice();
    const aliases = [{ name: "waf" }];
    stack.setProgram(program({}, { aliases }, "shield"));
    await assert.rejects(
      stack.preview(),
      /keep its provider.*providerNames: \{ extAuthz: "waf-ext-authz" \}/s,
    );
    const mesh = { providerNames: { extAuthz: "waf-ext-authz", accessLog: "waf-access-log" } };
    stack.setProgram(program({ mesh }, { aliases }, "shield"));
    await upTwice();
    assertStayed();
  });

  it("moves to another workload with its target", async () => {
    await applyObjects(world.cluster.kubeconfig, [app("api")], { fieldManager: "app-team" });
    await stack.up();
    stack.setProgram(
      program({ targets: [{ ...target, matchLabels: { app: "api" }, workload: { name: "api" } }] }),
    );
    await upTwice();
    const { spec } = await apps().readNamespacedDeployment({ ...place, name: "api" });
    assert.deepEqual(
      spec?.template.spec?.initContainers?.map(({ name }) => name),
      ["sigsci-agent"],
    );
    assert.deepEqual(watch.templates.slice(-2), ["sigsci-agent web", "web"]);
  });

  it("does not keep the stack from going on when the workload was deleted", async () => {
    const api = { name: "api", namespace: "shop", matchLabels: { app: "api" } };
    stack.setProgram(program({ targets: [target, api] }));
    await stack.up();
    await apps().deleteNamespacedDeployment(place);
    await assert.rejects(stack.preview(), (error: unknown) => {
      assert.ok(error instanceof RunFailure);
      assert.match(diagnosticsText(error.report), /pulumi up --refresh/);
      return true;
    });
    stack.setProgram(program({ targets: [api] }));
    await stack.stack.up({ refresh: true, color: "never" });
    assert.deepEqual(changes(await stack.preview()), []);

    await applyObjects(world.cluster.kubeconfig, [app()], { fieldManager: "app-team" });
    stack.setProgram(program({ targets: [target, api] }));
    await stack.up();
    await apps().deleteNamespacedDeployment(place);
    await stack.stack.destroy({ refresh: true, color: "never" });
    assert.deepEqual((await apps().listNamespacedDeployment({ namespace: "shop" })).items, []);
  });

  it("brings nothing of the application into the state in plain text", async () => {
    const assertHidden = (when: string): void => {
      assertNotInState(stack, password, "waf-storefront-workload-live", when);
    };
    await stack.up();
    assertHidden("after the first up");
    await upTwice();
    assertHidden("after an up without a change");
    await applyObjects(
      world.cluster.kubeconfig,
      [{ ...app(), metadata: { ...place, labels: { a: "b" }, annotations: { note: password } } }],
      {
        fieldManager: "app-team",
      },
    );
    await stack.refresh();
    assertHidden("after a refresh");
    stack.setProgram(program({ agent: { port: 9555 } }));
    const { stdout } = await stack.stack.preview({ diff: true, color: "never" });
    assert.ok(!stdout.includes(password));
    assert.match(stdout, /containerPort: .* => 9555/);
    await upTwice();
    assertHidden("after a change");
    assertStayed();
  });
});
