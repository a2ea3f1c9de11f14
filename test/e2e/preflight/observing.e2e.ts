import assert from "node:assert/strict";
import { Enforcement, InspectionMode, SigsciIstioIntegration } from "../../../src";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import { clusterObjects } from "../lifecycle/objects";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { changes, type RunReport } from "../stack/runReport";
import { refusalOf } from "./refusal";

const istiod = (version: string): PlainObject => {
  const labels = { app: "istiod", "istio.io/rev": "default" };
  const containers = [{ name: "discovery", image: `istio/pilot:${version}` }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "istiod", namespace: "istio-system", labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
};
const webPod = (name: string, version: string): PlainObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop", labels: { app: "web" }, annotations: { "istio.io/rev": "default" } },
  spec: {
    containers: [
      { name: "web", image: "web" },
      { name: "istio-proxy", image: `istio/proxyv2:${version}` },
    ],
  },
});

describe("preflight: observing by shadow mode", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let args: Partial<SigsciIstioIntegrationArgs>;
  let labels: Record<string, string>;

  const apply = (...objects: PlainObject[]): Promise<void> => applyObjects(world.cluster.kubeconfig, objects);
  /** Names of what a component has made. */
  const objects = async (): Promise<string[]> =>
    [...(await clusterObjects(world.cluster.kubeconfig)).keys()].filter((name) => name.includes("/waf"));
  const program = (): Promise<Record<string, unknown>> => {
    new SigsciIstioIntegration("waf", {
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      targets: [{ name: "web", namespace: "shop", matchLabels: labels }],
      inspection: { mode: InspectionMode.Observe },
      preflight: { kubeconfig: world.cluster.kubeconfig },
      ...args,
    });
    return Promise.resolve({});
  };
  const refusedEverywhere = async (expected: RegExp): Promise<void> => {
    for (const operation of ["preview", "up"] as const) {
      assert.match(await refusalOf(stack, operation), expected);
    }
    assert.deepEqual(await objects(), []);
  };
  const made = (report: RunReport): string[] =>
    changes(report)
      .filter(({ name }) => /-(observe|policy)$/.test(name))
      .map(({ op, name }) => `${op} ${name}`);

  before(async () => {
    world = await startWorld({ users: [{ name: "stranger", token: "e2e-stranger-token" }] });
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
  });
  beforeEach(async () => {
    args = {};
    labels = { app: "web" };
    await apply(istiod("1.31.0"), webPod("web-1", "1.31.0"));
    stack = await withStack(program, { kubeconfig: world.cluster.kubeconfig });
  });
  afterEach(() => {
    stack.dispose();
  });
  after(async () => {
    await world.stop();
  });

  it("is refused, in the preview and in the up, under an istiod before 1.31", async () => {
    await apply(istiod("1.30.2"));
    await refusedEverywhere(/istiod istio-system\/istiod: it runs Istio 1\.30\.2: .* would be blocked\./);
    args = { enforcement: Enforcement.EnvoyFilter };
    await refusedEverywhere(/istiod istio-system\/istiod: it runs Istio 1\.30\.2: .* would be blocked\./);
  });

  it("is refused where nobody can see the version: without a right to read, and without a look", async () => {
    const cannot = world.cluster.kubeconfigOf("stranger");
    args = { preflight: { kubeconfig: cannot } };
    await refusedEverywhere(
      /blocks what is to be observed, and preflight has not seen which one runs: .*HTTP status 403/,
    );
    args = { preflight: {} };
    await refusedEverywhere(
      /targets? web: with enforcement AuthorizationPolicy, an Istio before 1\.31 blocks/,
    );
  });

  it("is refused while a pod of the target has an older proxy", async () => {
    await apply(webPod("web-1", "1.30.2"));
    await refusedEverywhere(/target web: of the proxy in web-1 is seen that it runs Istio 1\.30\.2/);
  });

  it("puts the shadow before the policy, keeps it while proxies change, and takes it away after", async () => {
    const up = await stack.up();
    const order = up.finished.map(({ name }) => name).filter((name) => /-(observe|policy)$/.test(name));
    assert.deepEqual(order, ["waf-web-observe", "waf-web-policy"]);
    assert.deepEqual(made(await stack.preview()), []);

    labels = { app: "shop" };
    const moved = (await stack.up()).finished
      .filter(({ name, op }) => /-(observe|policy)$/.test(name) && op !== "same")
      .map(({ op, name }) => `${op} ${name}`);
    assert.deepEqual(moved, [
      "create-replacement waf-web-observe",
      "replace waf-web-observe",
      "update waf-web-policy",
      "delete-replaced waf-web-observe",
    ]);

    args = { inspection: { mode: InspectionMode.Block } };
    assert.deepEqual(made(await stack.up()), ["delete waf-web-observe"]);
    args = {};
    assert.deepEqual(made(await stack.up()), ["create waf-web-observe"]);
    const gone = (await stack.destroy()).finished.map(({ name }) => name);
    assert.deepEqual(
      gone.filter((name) => /-(observe|policy)$/.test(name)),
      ["waf-web-policy", "waf-web-observe"],
    );
  });
});
