import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectsIn } from "../../src/render/clusterObjects";
import { sampleMesh } from "../../src/render/meshSource";
import { recordProgram, type Recording } from "../../src/offline/recording";
import { simulateCluster } from "../../src/render/simulatedCluster";

const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: { replicas: 3 },
};

function record(program: () => unknown): Promise<Recording> {
  return recordProgram(program, simulateCluster(sampleMesh(), objectsIn([DEPLOYMENT], "apps.yaml"), "shop"));
}

describe("simulateCluster", () => {
  it("answers reads from the given manifests, in the default namespace if they name none", async () => {
    const { outputs } = await record(() => ({
      spec: k8s.apps.v1.Deployment.get("web", "shop/web").spec.replicas,
    }));
    assert.deepEqual(outputs, { spec: 3 });
    await assert.rejects(
      record(() => k8s.apps.v1.Deployment.get("web", "other/web")),
      /resource 'other\/web' does not exist/,
    );
    await assert.rejects(
      record(() => k8s.apps.v1.StatefulSet.get("web", "shop/web")),
      /does not exist/,
    );
  });

  it("has a mesh config and every namespace", async () => {
    const { outputs } = await record(() => ({
      mesh: k8s.core.v1.ConfigMap.get("mesh", "istio-system/istio").data.mesh,
      namespace: k8s.core.v1.Namespace.get("ns", "anything").metadata.name,
    }));
    assert.match(String(outputs.mesh), /rootNamespace: istio-system/);
    assert.equal(outputs.namespace, "anything");
  });

  it("answers with what the program has made itself, before the mesh config that stands in", async () => {
    const { outputs } = await record(() => {
      const metadata = { name: "istio-own", namespace: "istio-system" };
      const own = new k8s.core.v1.ConfigMap("own", { metadata, data: { mesh: "a: 1" } });
      return { mesh: k8s.core.v1.ConfigMap.get("mesh", own.id).data.mesh };
    });
    assert.deepEqual(outputs, { mesh: "a: 1" });
  });

  it("has an istiod that says nothing of its settings, and marks what stands in for the live cluster", async () => {
    const { outputs } = await record(() => {
      const istiod = k8s.apps.v1.Deployment.get("istiod", "istio-system/istiod-1-31");
      const mesh = k8s.core.v1.ConfigMap.get("mesh", "istio-system/istio");
      return { spec: istiod.spec, istiod: istiod.metadata.annotations, mesh: mesh.metadata.annotations };
    });
    const annotations = { "pulumi-sigsci-istio/stand-in": "offline" };
    assert.deepEqual(outputs, { istiod: annotations, mesh: annotations });
  });

  it("gives references to other stacks without outputs", async () => {
    const { outputs } = await record(() => ({
      value: new pulumi.StackReference("org/p/s").getOutput("kubeconfig"),
    }));
    assert.deepEqual(outputs, {});
  });

  it("decodes YAML for programs that create objects from files", async () => {
    const { resources } = await record(() => {
      new k8s.yaml.ConfigGroup("group", { objs: [DEPLOYMENT] });
      new k8s.yaml.ConfigGroup("texts", {
        yaml: "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: from-text }\n",
      });
    });
    const kinds = resources.filter(({ custom }) => custom).map(({ type }) => type);
    assert.deepEqual(kinds.sort(), ["kubernetes:apps/v1:Deployment", "kubernetes:core/v1:ConfigMap"]);
  });
});
