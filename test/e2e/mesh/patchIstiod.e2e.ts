import assert from "node:assert/strict";
import { AppsV1Api, CoreV1Api, CustomObjectsApi, KubeConfig, V1Deployment } from "@kubernetes/client-node";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { clusterObjects, compareObjects, withoutRollouts } from "../lifecycle/objects";
import type { PlainKubernetesObject } from "../lifecycle/objects";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import type { RunReport } from "../stack/runReport";
import { assertNotInState } from "../stack/stateFiles";
import type { WafArgs } from "./wafProgram";

type Package = typeof import("../../../src");

const patch = "sigsci-istio-istiod-default";
/** What stands in plain text in the pods of istiod. */
const password = "PLAIN-PASSWORD-OF-THE-CHART";
const istiodName = { name: "istiod", namespace: "istio-system" };

const done = (report: RunReport): string[] =>
  report.finished.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);
const planned = (report: RunReport): string[] =>
  report.steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);

function assertOrder(report: RunReport, ...steps: string[]): void {
  const places = steps.map((step) => done(report).indexOf(step));
  assert.ok(
    places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? 0))),
    `${steps.join(" < ")} is not the order of:\n${done(report).join("\n")}`,
  );
}

/** Istiod as its chart writes it, with a container that somebody put beside it. */
function chart(image: string): PlainObject {
  const labels = { app: "istiod" };
  const env = [
    { name: "REVISION", value: "default" },
    { name: "PASSWORD", value: password },
  ];
  const containers = [
    { name: "discovery", image, env },
    { name: "log", image: "log:1" },
  ];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: istiodName,
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

describe("istiod that the component patches", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let sigsci: Package;
  let world: World;
  let stack: ProgramStack;
  let initial: Map<string, PlainKubernetesObject>;
  let mesh: object;

  const program: PulumiFn = () => {
    // Strategies are an enum of the package; here they are written as a YAML program writes them.
    const args = { mesh: { strategy: "Shared", patchIstiod: true, ...mesh } } as unknown as WafArgs;
    new sigsci.SigsciIstioIntegration("waf", {
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
      ...args,
    });
    return Promise.resolve({});
  };
  const config = (): KubeConfig => {
    const loaded = new KubeConfig();
    loaded.loadFromFile(world.cluster.kubeconfig);
    return loaded;
  };
  const objects = async (): Promise<Map<string, PlainKubernetesObject>> =>
    withoutRollouts(await clusterObjects(world.cluster.kubeconfig));
  const containers = async (): Promise<V1Container[]> => {
    const { spec } = await config().makeApiClient(AppsV1Api).readNamespacedDeployment(istiodName);
    return spec?.template.spec?.containers ?? [];
  };
  const sources = async (): Promise<unknown> => {
    const envFrom = (await containers()).map((container) => container.envFrom ?? []);
    return JSON.parse(JSON.stringify(envFrom));
  };
  const source = (name: string): object[][] => [[{ configMapRef: { name, optional: true } }], []];
  const podsOfIstiod = async (): Promise<V1Pod[]> => {
    const { items } = await config()
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({ namespace: "istio-system", labelSelector: "app=istiod" });
    return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  };

  before(async () => {
    project = await packedProject();
    // `require` does not know the types; the package is packed from the sources that they are taken from.
    sigsci = project.require("pulumi-sigsci-istio") as Package;
  });
  beforeEach(async () => {
    mesh = {};
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    await applyObjects(world.cluster.kubeconfig, [chart("istio/pilot:1")], { fieldManager: "helm" });
    initial = await objects();
    stack = await withStack(program, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      stackName: "patched",
    });
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });

  it("has the variable before there are policies, keeps it, and is as before after a destroy", async () => {
    const preview = await stack.preview();
    assert.ok(planned(preview).includes(`create ${patch}`), planned(preview).join());
    assert.deepEqual(await sources(), [[], []]);
    const up = await stack.up();
    assertOrder(
      up,
      "create sigsci-istio-sigsci-mesh-config",
      "create waf-mesh-shared",
      "create sigsci-istio-sigsci-mesh-config-env",
      `create ${patch}`,
      "create waf-storefront-policy",
    );
    assert.deepEqual(await sources(), source("sigsci-mesh-config-env"));
    await assertPolicyAfterPods();
    const assertHidden = (when: string): void => {
      assertNotInState(stack, password, `${patch}-live`, when);
    };
    assertHidden("after the first up");
    for (const report of [await stack.preview(), await stack.up()]) {
      assert.deepEqual(planned(report), []);
    }
    assertHidden("after an up without a change");
    await stack.refresh();
    assertHidden("after a refresh");
    assert.deepEqual(planned(await stack.preview()), []);

    const destroyed = await stack.destroy();
    assertOrder(
      destroyed,
      "delete waf-storefront-policy",
      `delete ${patch}`,
      "delete sigsci-istio-sigsci-mesh-config-env",
      "delete sigsci-istio-sigsci-mesh-config",
    );
    assert.deepEqual(compareObjects(initial, await objects()), { added: [], removed: [], changed: [] });
  });

  it("keeps it in an upgrade that applies the chart, and gets it back after one that replaces it", async () => {
    await stack.up();
    await applyObjects(world.cluster.kubeconfig, [chart("istio/pilot:2")], { fieldManager: "helm" });
    assert.deepEqual(planned(await stack.preview()), []);
    assert.deepEqual(await sources(), source("sigsci-mesh-config-env"));

    await config()
      .makeApiClient(AppsV1Api)
      .replaceNamespacedDeployment({
        ...istiodName,
        body: Object.assign(new V1Deployment(), chart("istio/pilot:3")),
      });
    assert.deepEqual(await sources(), [[], []]);
    assert.deepEqual(planned(await stack.preview()), [`update ${patch}`]);
    assert.deepEqual(done(await stack.up()), [`update ${patch}`]);
    assert.deepEqual(await sources(), source("sigsci-mesh-config-env"));
    assert.deepEqual(
      (await containers()).map(({ image }) => image),
      ["istio/pilot:3", "log:1"],
    );
    assert.deepEqual(planned(await stack.preview()), []);
    await stack.destroy();
    assert.deepEqual(await sources(), [[], []]);
  });

  it("turns to another ConfigMap once that holds the entries", async () => {
    await stack.up();
    mesh = { sharedConfigMapName: "other" };
    const renamed = await stack.up();
    assertOrder(
      renamed,
      "create sigsci-istio-other",
      "create-replacement waf-mesh-shared",
      "create sigsci-istio-other-env",
      `update ${patch}`,
      "delete sigsci-istio-sigsci-mesh-config-env",
    );
    assert.deepEqual(await sources(), source("other-env"));
    assert.deepEqual(planned(await stack.preview()), []);
    await stack.destroy();
    assert.deepEqual(compareObjects(initial, await objects()), { added: [], removed: [], changed: [] });
  });

  /** Pods without the variable would tell their proxies of a policy whose provider they do not know. */
  async function assertPolicyAfterPods(): Promise<void> {
    const pods = await podsOfIstiod();
    const ready = pods.map(({ spec, status }) => {
      assert.equal(spec?.containers[0]?.envFrom?.[0]?.configMapRef?.name, "sigsci-mesh-config-env");
      const condition = status?.conditions?.find(({ type }) => type === "Ready");
      return condition?.status === "True" ? Number(condition.lastTransitionTime) : Number.NaN;
    });
    const policy = (await config().makeApiClient(CustomObjectsApi).getNamespacedCustomObject({
      group: "security.istio.io",
      version: "v1",
      namespace: "shop",
      plural: "authorizationpolicies",
      name: "waf-storefront",
      // The client types objects of other groups as any.
    })) as { metadata: { creationTimestamp: string } };
    assert.equal(ready.length, 1);
    // Both times are in whole seconds.
    assert.ok((ready[0] ?? Number.NaN) <= Date.parse(policy.metadata.creationTimestamp), String(ready));
  }
});
