import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { OutputMap } from "@pulumi/pulumi/automation";
import { Enforcement, Placement, SidecarInjection, SigsciIstioIntegration } from "../../../src";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import { at, containerNames } from "../../../src/kubernetes/liveObject";
import { clusterObjects } from "../lifecycle/objects";
import { startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { refusalOf } from "../preflight/refusal";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { changes } from "../stack/runReport";
import type { RunReport } from "../stack/runReport";

/** A Deployment whose pods have a proxy already, as Istio has injected it. */
const web = (restartedAt = "never"): PlainObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: {
        labels: { app: "web" },
        // What `kubectl rollout restart` writes.
        annotations: { "kubectl.kubernetes.io/restartedAt": restartedAt },
      },
      spec: {
        containers: [
          { name: "web", image: "web" },
          { name: "istio-proxy", image: "proxy" },
        ],
      },
    },
  },
});
const storefront = { name: "storefront", namespace: "shop", matchLabels: { app: "web" } };
const orders = { name: "orders", namespace: "shop", matchLabels: { app: "orders" } };

describe("a first rollout by admission", function () {
  this.timeout(300_000);
  let world: World;
  let stack: ProgramStack;
  let args: Partial<SigsciIstioIntegrationArgs>;

  const apis = (): { core: CoreV1Api; apps: AppsV1Api } => {
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    return { core: config.makeApiClient(CoreV1Api), apps: config.makeApiClient(AppsV1Api) };
  };
  const pods = async () => (await apis().core.listNamespacedPod({ namespace: "shop" })).items;
  const carrying = async (): Promise<number> =>
    (await pods()).filter(({ spec }) =>
      containerNames(JSON.parse(JSON.stringify(spec))).includes("sigsci-agent"),
    ).length;
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 0; attempt < 150; attempt += 1) {
      if (await holds()) {
        return;
      }
      await setTimeout(200);
    }
    assert.fail(`waited in vain until ${what}`);
  };
  const rolledOut = (number: number) => async (): Promise<boolean> => {
    const { status, spec } = await apis().apps.readNamespacedDeployment({ name: "web", namespace: "shop" });
    return (
      status?.updatedReplicas === spec?.replicas &&
      status?.readyReplicas === spec?.replicas &&
      (await pods()).length === 3 &&
      (await carrying()) === number
    );
  };
  const program = (): Promise<OutputMap> => {
    const waf = new SigsciIstioIntegration("waf", {
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      placement: Placement.Sidecar,
      enforcement: Enforcement.EnvoyFilter,
      sidecar: { injection: SidecarInjection.Admission, requireAgent: true, enforceFromPercent: 100 },
      targets: [storefront],
      preflight: { kubeconfig: world.cluster.kubeconfig },
      ...args,
    });
    return Promise.resolve({ notInspected: waf.notInspected as never });
  };
  const said = ({ diagnostics }: RunReport, text: string): string =>
    diagnostics.find(({ message }) => message.includes(text))?.message.trim() ?? "";
  const patches = async (): Promise<unknown> => {
    const objects = await clusterObjects(world.cluster.kubeconfig);
    return at(objects.get("EnvoyFilter shop/waf-storefront"), "spec", "configPatches");
  };
  const done = ({ finished }: RunReport): string[] =>
    finished.filter(({ op }) => op === "delete").map(({ name }) => name);

  beforeEach(async () => {
    args = {};
    world = await startWorld();
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    await ensureNamespace(world.cluster.kubeconfig, "istio-system");
    await applyObjects(world.cluster.kubeconfig, [web()]);
    await until("the Deployment runs", rolledOut(0));
    stack = await withStack(program, { kubeconfig: world.cluster.kubeconfig });
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });

  it("injects, waits for the restart, then enforces, and says at each step what is missing", async () => {
    const command = "kubectl rollout restart deployment/web -n shop";
    const first = await stack.up();
    const held =
      "target storefront is not inspected yet: 0 of 3 running pods carry the agent, and its policy stays without effect " +
      "until 100 % of its pods carry the agent (sidecar.enforceFromPercent). Start the others again, then run `pulumi up` " +
      `once more:\n    ${command}`;
    assert.equal(said(first, "not inspected yet"), held);
    assert.match(said(first, "(check Injection)"), new RegExp(`start these again: \`${command}\``));
    assert.deepEqual(
      (first.outputs.notInspected?.value as string[])[0],
      "target storefront: everything, until 100 % of its pods carry the agent (sidecar.enforceFromPercent): 0 of 3 " +
        "running pods carry the agent",
    );
    // The API server stores no empty list.
    assert.deepEqual((await patches()) ?? [], []);
    const again = await stack.preview();
    assert.deepEqual(changes(again), []);
    assert.equal(said(again, "not inspected yet"), held);

    await applyObjects(world.cluster.kubeconfig, [web("now")]);
    await until("all pods carry the agent", rolledOut(3));
    const last = await stack.up();
    assert.deepEqual(
      changes(last).map(({ op, name }) => `${op} ${name}`),
      ["update waf-storefront-envoy-filter"],
    );
    assert.match(
      said(last, "inspected from now on"),
      /^target storefront: 3 of 3 running pods carry the agent/,
    );
    assert.ok(((await patches()) as unknown[]).length > 0);
    assert.deepEqual(changes(await stack.preview()), []);
  });

  it("leaves in the opposite order, and the pods keep their agent until they are started again", async () => {
    args = {
      targets: [storefront, orders],
      sidecar: { injection: SidecarInjection.Admission, requireAgent: true },
    };
    await stack.up();
    await applyObjects(world.cluster.kubeconfig, [web("now")]);
    await until("all pods carry the agent", rolledOut(3));
    args = { ...args, targets: [storefront] };
    const order = (target: string): string[] =>
      ["envoy-filter", "guard-binding", "guard", "injection-binding", "injection"].map(
        (part) => `waf-${target}-${part}`,
      );
    assert.deepEqual(done(await stack.up()), order("orders"));
    const left = done(await stack.destroy());
    assert.deepEqual(
      left.filter((name) => name.startsWith("waf-storefront")),
      order("storefront"),
    );
    assert.ok(left.indexOf("waf-storefront-injection") < left.indexOf("waf-secret-shop"));
    const kinds = [...(await clusterObjects(world.cluster.kubeconfig)).keys()].filter((key) =>
      key.includes("AdmissionPolicy"),
    );
    assert.deepEqual(kinds, []);
    assert.equal(await carrying(), 3);
    await applyObjects(world.cluster.kubeconfig, [web("later")]);
    await until("no pod carries the agent", rolledOut(0));
  });

  it("stops before anything is created where the pods cannot be counted", async () => {
    args = { preflight: {} };
    const message = await refusalOf(stack, "up");
    assert.match(
      message,
      /sidecar\.enforceFromPercent \(100\): the pods with the agent could not be counted/,
    );
    assert.match(message, /Give preflight\.kubeconfig/);
    const objects = [...(await clusterObjects(world.cluster.kubeconfig)).keys()];
    assert.ok(!objects.some((key) => /^(Secret|EnvoyFilter)|AdmissionPolicy/.test(key)), objects.join());
  });

  it("stops before anything is created where the API server has no such policies", async () => {
    const answers: Record<string, object> = {
      "/version": { gitVersion: "v1.34.2" },
      "/apis/admissionregistration.k8s.io/v1": { resources: [{ name: "validatingadmissionpolicies" }] },
    };
    const server = createServer(({ url = "" }, response) => {
      const body = answers[url];
      response
        .writeHead(body ? 200 : 404, { "content-type": "application/json" })
        .end(JSON.stringify(body ?? {}));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "old",
      clusters: [{ name: "old", cluster: { server: address, "insecure-skip-tls-verify": true } }],
      users: [{ name: "me", user: { token: "t" } }],
      contexts: [{ name: "old", context: { cluster: "old", user: "me" } }],
    });
    try {
      args = {
        sidecar: { injection: SidecarInjection.Admission },
        preflight: { kubeconfig: pulumi.output(kubeconfig) },
      };
      const message = await refusalOf(stack, "up");
      assert.match(message, /preflight stopped this run, nothing was changed/);
      assert.match(message, /the API server \(v1\.34\.2\) does not serve MutatingAdmissionPolicies/);
      assert.match(message, /name each workload in `targets\[\]\.workload`/);
      const objects = [...(await clusterObjects(world.cluster.kubeconfig)).keys()];
      assert.ok(!objects.some((key) => /^(Secret|EnvoyFilter)|AdmissionPolicy/.test(key)), objects.join());
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
