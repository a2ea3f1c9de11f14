import assert from "node:assert/strict";
import { join } from "node:path";
import { readManifests } from "../../src/render/clusterObjects";
import { findWorkloads, type Workload } from "../../src/render/workloads";
import { inFolder } from "./temporaryFolder";

function workloads(content: string, defaultNamespace = "default"): Promise<Workload[]> {
  return inFolder({ "apps.yaml": content }, (path) => [
    ...findWorkloads(readManifests([join(path, "apps.yaml")]), defaultNamespace).workloads,
  ]);
}

function manifest(kind: string, apiVersion: string, name: string, pod: object): object {
  const template = { metadata: { labels: { app: name } }, ...pod };
  const spec = kind === "CronJob" ? { jobTemplate: { spec: { template } } } : { template };
  return { apiVersion, kind, metadata: { name, namespace: "shop" }, spec };
}

function texts(...objects: object[]): string {
  return objects.map((object) => JSON.stringify(object)).join("\n---\n");
}

describe("findWorkloads", () => {
  it("finds every kind that runs pods, with its pods' labels, also inside lists", async () => {
    const kinds: [string, string][] = [
      ["Deployment", "apps/v1"],
      ["StatefulSet", "apps/v1"],
      ["DaemonSet", "apps/v1"],
      ["ReplicaSet", "apps/v1"],
      ["Job", "batch/v1"],
      ["CronJob", "batch/v1"],
      ["Rollout", "argoproj.io/v1alpha1"],
      ["ReplicationController", "v1"],
      ["DeploymentConfig", "apps.openshift.io/v1"],
      ["CloneSet", "apps.kruise.io/v1alpha1"],
    ];
    const items = kinds.map(([kind, version]) => manifest(kind, version, kind.toLowerCase(), {}));
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "pod", namespace: "shop", labels: { app: "pod" } },
    };
    const found = await workloads(texts({ apiVersion: "v1", kind: "List", items }, pod));
    assert.deepEqual(
      found.map(({ namespace, kind, labels, injection }) => ({ namespace, kind, labels, injection })),
      [...kinds.map(([kind]) => kind), "Pod"].map((kind) => ({
        namespace: "shop",
        kind,
        labels: { app: kind.toLowerCase() },
        injection: { proxy: "sidecar", revision: undefined },
      })),
    );
  });

  it("puts manifests without a namespace into the given one, and lists duplicates once", async () => {
    const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } };
    const found = await workloads(texts(object, object), "here");
    assert.deepEqual(
      found.map(({ namespace, name }) => `${namespace}/${name}`),
      ["here/a"],
    );
  });

  it("judges a pod by its template and the labels of its namespace", async () => {
    const namespace = (labels: object): object => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels },
    });
    const web = manifest("CronJob", "batch/v1", "web", { spec: { containers: [{ name: "web" }] } });
    const injections = async (...objects: object[]): Promise<unknown[]> =>
      (await workloads(texts(...objects))).map(({ injection }) => injection);
    assert.deepEqual(await injections(web), [{ proxy: "sidecar", revision: undefined }]);
    assert.deepEqual(await injections(web, namespace({ "istio.io/rev": "canary" })), [
      { proxy: "sidecar", revision: "canary" },
    ]);
    assert.deepEqual(await injections(web, namespace({})), [
      { proxy: "none", reason: "the namespace does not ask for sidecars" },
    ]);
    const webhooks = [{ name: "rev.namespace.sidecar-injector.istio.io", namespaceSelector: {} }];
    const configuration = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
    };
    const metadata = { name: "injector", labels: { "istio.io/rev": "stable" } };
    assert.deepEqual(await injections(web, namespace({}), { ...configuration, metadata, webhooks }), [
      { proxy: "sidecar", revision: "stable" },
    ]);
    const unquoted = { metadata: { labels: { "sidecar.istio.io/inject": false } } };
    assert.deepEqual(await injections(manifest("Job", "batch/v1", "job", unquoted)), [
      { proxy: "none", reason: "sidecar injection is off" },
    ]);
  });

  it("names the given pods without the sidecar that their workload would get", async () => {
    const pod = (name: string, ...containers: string[]): object => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace: "shop",
        ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web" }],
      },
      spec: { containers: containers.map((one) => ({ name: one })) },
    });
    const pods = async (labels: object): Promise<unknown[]> =>
      (
        await workloads(
          texts(
            manifest("StatefulSet", "apps/v1", "web", { metadata: { labels } }),
            pod("web-0", "web"),
            pod("web-1", "web", "istio-proxy"),
          ),
        )
      ).map((one) => one.pods);
    assert.deepEqual(await pods({}), [{ count: 2, bare: ["web-0"] }]);
    assert.deepEqual(await pods({ "sidecar.istio.io/inject": "false" }), [{ count: 2, bare: [] }]);
  });

  it("says where it took a namespace to ask for sidecars", async () => {
    const ask = { metadata: { labels: { "sidecar.istio.io/inject": "true" } } };
    const proxy = { spec: { containers: [{ name: "istio-proxy" }] } };
    const refuse = { metadata: { labels: { "sidecar.istio.io/inject": "false" } } };
    const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    const assumed = (...objects: object[]): Promise<readonly string[]> =>
      inFolder(
        { "apps.yaml": texts(...objects) },
        (path) => findWorkloads(readManifests([join(path, "apps.yaml")]), "default").assumed,
      );
    assert.deepEqual(await assumed(manifest("Deployment", "apps/v1", "a", {})), ["shop"]);
    assert.deepEqual(await assumed(manifest("Deployment", "apps/v1", "a", ask)), ["shop"]);
    assert.deepEqual(await assumed(shop, manifest("Deployment", "apps/v1", "a", ask)), []);
    for (const certain of [proxy, refuse]) {
      assert.deepEqual(await assumed(manifest("Deployment", "apps/v1", "a", certain)), []);
    }
  });

  it("knows the Gateway of a proxy, and the class of a waypoint's", async () => {
    const proxy = (role: string): object => ({
      metadata: { labels: { "gateway.networking.k8s.io/gateway-name": "edge" } },
      spec: { containers: [{ name: "istio-proxy", args: ["proxy", role] }] },
    });
    const found = await workloads(
      texts(
        manifest("Deployment", "apps/v1", "edge-istio", proxy("router")),
        manifest("Deployment", "apps/v1", "w", proxy("waypoint")),
      ),
    );
    assert.deepEqual(
      found.map(({ ways }) => ways.flatMap(({ references }) => references)),
      [["Gateway shop/edge"], ["Gateway shop/edge", "GatewayClass istio-waypoint"]],
    );
  });
});
