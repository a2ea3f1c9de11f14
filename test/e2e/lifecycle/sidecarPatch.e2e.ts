import assert from "node:assert/strict";
import { AppsV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SidecarForm } from "../../../src/args/sidecar";
import { planSidecarPatch } from "../../../src/sidecar/patchPlan";
import { sidecarSettings } from "../../../src/settings/sidecar";
import { editedAnnotation, ownerAnnotation, ownerMark } from "../../../src/kubernetes/ownership";
import { ApplyRefused, applyObjects, ensureNamespace } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import type { RunReport } from "../stack/runReport";

const owner = { component: "e2e/test/waf", id: "id" };
const target = { kind: "Deployment", namespace: "shop", name: "web", matchLabels: { app: "web" } };

/** What the application's team writes into its pods. */
interface AppPods {
  initContainers?: string[];
  containers?: string[];
  volumes?: string[];
}

/** Plan and patch, as the component registers them. */
function program(form: SidecarForm): void {
  const live = k8s.apps.v1.Deployment.get("live", "shop/web");
  const plan = pulumi
    .all([live.metadata, live.spec])
    .apply(([metadata, spec]) =>
      planSidecarPatch(
        { metadata, spec },
        sidecarSettings({ secret: { name: "keys" }, form }),
        target,
        owner,
      ),
    );
  new k8s.apps.v1.DeploymentPatch("patch", {
    metadata: {
      namespace: target.namespace,
      name: target.name,
      annotations: {
        "pulumi.com/patchForce": "true",
        "pulumi.com/skipAwait": "true",
        "pulumi.com/patchFieldManager": "pulumi-sigsci-istio-id",
        [ownerAnnotation("sigsci-agent")]: ownerMark(owner),
        [editedAnnotation(owner.component)]: plan.edited,
      },
    },
    spec: plan.apply(({ podSpec }) => ({ template: { spec: podSpec } })),
  });
}

describe("the agent in a Deployment of somebody else", function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let stack: ProgramStack;

  before(async () => {
    cluster = await startCluster({ apiServerArgs: ["--enable-garbage-collector=false"] });
    await ensureNamespace(cluster.kubeconfig, "shop");
  });
  after(async () => {
    await cluster.stop();
  });
  beforeEach(async () => {
    stack = await withStack(run(SidecarForm.NativeSidecar), { kubeconfig: cluster.kubeconfig });
  });
  afterEach(async () => {
    stack.dispose();
    await apps().deleteNamespacedDeployment({ name: "web", namespace: "shop" });
  });

  const run = (form: SidecarForm) => () => {
    program(form);
    return Promise.resolve();
  };
  const apps = (): AppsV1Api => {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    return config.makeApiClient(AppsV1Api);
  };
  const applyApp = (pods: AppPods): Promise<void> => {
    const { containers = ["web"], initContainers = [], volumes = [] } = pods;
    const labels = { app: "web" };
    const named = (name: string): object => ({ name, image: `${name}:1` });
    const spec = {
      containers: containers.map(named),
      ...(initContainers.length > 0 && { initContainers: initContainers.map(named) }),
      ...(volumes.length > 0 && { volumes: volumes.map((name) => ({ name, emptyDir: {} })) }),
    };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
    return applyObjects(cluster.kubeconfig, [deployment], { fieldManager: "app-team" });
  };
  const pods = async (): Promise<Required<AppPods>> => {
    const { spec } = await apps().readNamespacedDeployment({ name: "web", namespace: "shop" });
    const names = (items: { name: string }[] = []): string[] => items.map(({ name }) => name);
    const { containers, initContainers, volumes } = spec?.template.spec ?? {};
    return { containers: names(containers), initContainers: names(initContainers), volumes: names(volumes) };
  };
  const changes = (report: RunReport): string[] =>
    report.steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);

  it("is added, stays the same, keeps up with the application and goes again", async () => {
    await applyApp({ initContainers: ["migrate"], volumes: ["cache"] });
    await stack.up();
    const [initContainers, volumes] = [
      ["migrate", "sigsci-agent"],
      ["cache", "sigsci-tmp"],
    ];
    assert.deepEqual(await pods(), { containers: ["web"], initContainers, volumes });
    assert.deepEqual(changes(await stack.preview()), []);
    // More containers and volumes are taken in once; then it is the same again.
    await applyApp({
      containers: ["web", "log"],
      initContainers: ["migrate", "warm"],
      volumes: ["cache", "more"],
    });
    await stack.up();
    assert.deepEqual(changes(await stack.preview()), []);
    assert.deepEqual((await pods()).containers, ["web", "log"]);
    await stack.destroy();
    assert.deepEqual(await pods(), {
      containers: ["web", "log"],
      initContainers: ["migrate", "warm"],
      volumes: ["cache", "more"],
    });
  });

  it("comes back when the Deployment was made anew", async () => {
    await applyApp({});
    await stack.up();
    await apps().deleteNamespacedDeployment({ name: "web", namespace: "shop" });
    await applyApp({});
    assert.deepEqual(changes(await stack.preview()), ["update patch"]);
    await stack.up();
    assert.deepEqual((await pods()).initContainers, ["sigsci-agent"]);
    assert.deepEqual(changes(await stack.preview()), []);
  });

  it("changes its form in one step, and back", async () => {
    await applyApp({ initContainers: ["migrate"] });
    await stack.up();
    for (const [form, containers, initContainers] of [
      [SidecarForm.Container, ["web", "sigsci-agent"], ["migrate"]],
      [SidecarForm.NativeSidecar, ["web"], ["migrate", "sigsci-agent"]],
    ] as const) {
      stack.setProgram(run(form));
      await stack.up();
      assert.deepEqual(await pods(), { containers, initContainers, volumes: ["sigsci-tmp"] });
      assert.deepEqual(changes(await stack.preview()), []);
    }
  });

  it("takes up a volume that the application's team took away", async () => {
    await applyApp({ volumes: ["cache", "more"] });
    await stack.up();
    await applyApp({ volumes: ["more"] });
    // The volume stays as an empty one until the next run, which no longer lists it.
    assert.deepEqual((await pods()).volumes, ["cache", "more", "sigsci-tmp"]);
    await stack.up();
    assert.deepEqual((await pods()).volumes, ["more", "sigsci-tmp"]);
    assert.deepEqual(changes(await stack.preview()), []);
  });

  it("keeps a container of its own list from being taken away by server-side apply, as documented", async () => {
    await applyApp({ containers: ["web", "log"], initContainers: ["migrate"] });
    await stack.up();
    // Containers of the other list go as they like.
    await applyApp({ initContainers: ["migrate"] });
    assert.deepEqual((await pods()).containers, ["web"]);
    await assert.rejects(applyApp({}), (error: unknown) => {
      assert.ok(error instanceof ApplyRefused);
      assert.match(error.message, /initContainers\[0\]\.image: Required value/);
      return true;
    });
    // Another kind of patch, as of Helm 3 and kubectl apply, may; the next run no longer lists it.
    await apps().patchNamespacedDeployment(
      {
        name: "web",
        namespace: "shop",
        body: { spec: { template: { spec: { initContainers: [{ name: "migrate", $patch: "delete" }] } } } },
      },
      setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
    );
    await stack.up();
    assert.deepEqual((await pods()).initContainers, ["sigsci-agent"]);
    assert.deepEqual(changes(await stack.preview()), []);
  });
});
