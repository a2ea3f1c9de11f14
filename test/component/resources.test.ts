import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "../../src";
import { recordProgram } from "../../src/offline/recording";
import type { Recording } from "../../src/offline/recording";
import { cluster, defaultCluster, dependencies, meshText, named, recordComponent, smallest } from "./program";

const typesByName = (recording: Recording): Record<string, string> =>
  Object.fromEntries(recording.resources.map(({ name, type }) => [name, type]));
const namesOfKind = (recording: Recording, kind: string): string[] =>
  recording.resources
    .filter((resource) => resource.inputs.kind === kind)
    .map((resource) => resource.name)
    .sort();

const children = {
  "waf-id": "random:index/randomId:RandomId",
  "waf-mesh-default-live": "kubernetes:core/v1:ConfigMap",
  "waf-mesh-default-latest": "kubernetes:core/v1:ConfigMap",
  "waf-namespace": "kubernetes:core/v1:Namespace",
  "waf-secret": "kubernetes:core/v1:Secret",
  "waf-service": "kubernetes:core/v1:Service",
  "waf-service-account": "kubernetes:core/v1:ServiceAccount",
  "waf-deployment": "kubernetes:apps/v1:Deployment",
  "waf-mesh-default": "kubernetes:core/v1:ConfigMapPatch",
  "waf-web-policy": "kubernetes:security.istio.io/v1:AuthorizationPolicy",
  "waf-web-telemetry": "kubernetes:telemetry.istio.io/v1:Telemetry",
};
const everything = { waf: "sigsci-istio:index:SigsciIstioIntegration", ...children };
const without = (...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(everything).filter(([name]) => !names.includes(name)));

describe("the resources of a component", () => {
  it("are these, and all but the component are its children", async () => {
    const recording = await recordComponent();
    assert.deepEqual(typesByName(recording), everything);
    const urn = "urn:pulumi:stack::project::sigsci-istio:index:SigsciIstioIntegration::waf";
    for (const resource of recording.resources) {
      assert.equal(resource.parent, resource.name === "waf" ? undefined : urn, resource.name);
      assert.equal(resource.isRead, /-(live|latest)$/.test(resource.name), resource.name);
    }
  });

  it("have more with more replicas and a NetworkPolicy", async () => {
    const agent = { replicas: 2, expectResponseData: false, networkPolicy: {} };
    assert.deepEqual(typesByName(await recordComponent({ agent })), {
      ...without("waf-web-telemetry"),
      "waf-pod-disruption-budget": "kubernetes:policy/v1:PodDisruptionBudget",
      "waf-network-policy": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    });
  });

  it("leave the number of pods to an autoscaler where there is one, and take it back where there is none", async () => {
    const scaled = { autoscaling: { maxReplicas: 6 }, expectResponseData: false };
    const recording = await recordComponent({ agent: scaled });
    assert.deepEqual(typesByName(recording), {
      ...without("waf-web-telemetry"),
      "waf-pod-disruption-budget": "kubernetes:policy/v1:PodDisruptionBudget",
      "waf-autoscaler": "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    });
    assert.ok(dependencies(recording, "waf-autoscaler").includes("waf-deployment"));
    const deployment = named(recording, "waf-deployment");
    assert.deepEqual(deployment.options.ignoreChanges, ["spec.replicas"]);
    const isForced = ({ inputs }: { inputs: object }): boolean =>
      JSON.stringify(inputs).includes("patchForce");
    assert.equal(isForced(deployment), false);
    const fixed = named(
      await recordComponent({ agent: { replicas: 1, expectResponseData: false } }),
      "waf-deployment",
    );
    assert.deepEqual(fixed.options.ignoreChanges, []);
    assert.deepEqual((fixed.inputs.metadata as { annotations?: object }).annotations, {
      "pulumi.com/patchForce": "true",
    });
    assert.equal(isForced(named(await recordComponent(), "waf-deployment")), false);
  });

  it("have no namespace with createNamespace false", async () => {
    const recording = await recordComponent({ createNamespace: false, namespace: "security" });
    assert.deepEqual(typesByName(recording), without("waf-namespace"));
    assert.equal(named(recording, "waf-deployment").id, "security/waf-agent");
  });

  it("have no ServiceAccount when one is named", async () => {
    const recording = await recordComponent({ agent: { serviceAccountName: "own" } });
    assert.deepEqual(typesByName(recording), without("waf-service-account"));
  });

  it("have no Secret with an existing one, which the pods use", async () => {
    const credentials = {
      existingSecret: { name: "own-keys", accessKeyIdKey: "id", secretAccessKeyKey: "key" },
    };
    const recording = await recordComponent({ credentials });
    assert.deepEqual(typesByName(recording), without("waf-secret"));
    assert.equal(named(recording, "waf").outputs.secretName, "own-keys");
    const text = JSON.stringify(named(recording, "waf-deployment").inputs);
    assert.ok(text.includes('"secretKeyRef":{"key":"id","name":"own-keys"}'), text);
    assert.ok(text.includes('"secretKeyRef":{"key":"key","name":"own-keys"}'), text);
  });

  it("have no access log provider and no Telemetry without response data", async () => {
    const recording = await recordComponent({ agent: { expectResponseData: false } });
    assert.deepEqual(typesByName(recording), without("waf-web-telemetry"));
    const { outputs } = named(recording, "waf");
    assert.equal(outputs.accessLogProviderName, undefined);
    assert.deepEqual(outputs.telemetries, []);
    const { data } = named(recording, "waf-mesh-default").inputs;
    assert.ok(JSON.stringify(data).includes("waf-ext-authz") && !JSON.stringify(data).includes("access-log"));
  });

  it("have one policy and one Telemetry for each target, whose names follow the target and not its place", async () => {
    const targets = ["web", "api", "pay"].map((name) => ({
      name,
      namespace: "shop",
      matchLabels: { app: name },
    }));
    const one = await recordComponent({ targets });
    const other = await recordComponent({ targets: [...targets].reverse() });
    const policies = ["waf-api-policy", "waf-pay-policy", "waf-web-policy"];
    assert.deepEqual(namesOfKind(one, "AuthorizationPolicy"), policies);
    assert.deepEqual(
      namesOfKind(one, "Telemetry"),
      policies.map((name) => name.replace("policy", "telemetry")),
    );
    assert.deepEqual(typesByName(one), typesByName(other));
    for (const name of policies) {
      assert.deepEqual(named(one, name).inputs, named(other, name).inputs);
    }
  });

  it("all have names that start with the component's", async () => {
    const recording = await recordComponent(
      {
        agent: { replicas: 2, expectResponseData: false, networkPolicy: {} },
        mesh: { revisions: ["default", "canary"] },
      },
      {
        reads: cluster({
          "istio-system/istio": { text: meshText },
          "istio-system/istio-canary": { text: meshText },
        }),
      },
    );
    for (const { name } of recording.resources) {
      assert.ok(name === "waf" || name.startsWith("waf-"), name);
    }
  });

  it("carry the common labels and annotations, without replacing those that are needed", async () => {
    const recording = await recordComponent({
      labels: { team: "sec" },
      annotations: { "example.org/owner": "sec", "pulumi-sigsci-istio/target": "other" },
    });
    const changed = recording.resources.filter(({ name }) => name !== "waf" && name !== "waf-id");
    for (const { name, inputs, isRead } of changed) {
      const { metadata } = inputs as { metadata?: { labels?: object; annotations?: object } };
      const isMesh = isRead || name === "waf-mesh-default";
      assert.equal(JSON.stringify(metadata?.labels ?? {}).includes('"team":"sec"'), !isMesh, name);
      assert.equal(JSON.stringify(metadata?.annotations ?? {}).includes("example.org/owner"), !isMesh, name);
    }
    const { metadata } = named(recording, "waf-web-policy").inputs as { metadata: object };
    assert.deepEqual(metadata, {
      name: "waf-web",
      namespace: "shop",
      labels: {
        team: "sec",
        "app.kubernetes.io/name": "sigsci-agent",
        "app.kubernetes.io/instance": "waf-agent",
        "app.kubernetes.io/part-of": "sigsci-istio",
        "app.kubernetes.io/managed-by": "pulumi",
      },
      annotations: {
        "example.org/owner": "sec",
        "pulumi-sigsci-istio/component": "waf",
        "pulumi-sigsci-istio/target": "web",
      },
    });
  });

  it("use the provider given to the component, all Kubernetes ones", async () => {
    const recording = await recordProgram(
      () => {
        const provider = new k8s.Provider("eks", { kubeconfig: "{}" });
        new SigsciIstioIntegration("waf", smallest, { provider });
      },
      { reads: defaultCluster },
    );
    const kubernetes = recording.resources.filter(
      ({ type, name }) => type.startsWith("kubernetes:") && name !== "eks",
    );
    assert.equal(kubernetes.length, 10);
    const reference = "urn:pulumi:stack::project::pulumi:providers:kubernetes::eks::eks-id";
    assert.deepEqual(
      kubernetes.map(({ options }) => options.provider),
      kubernetes.map(() => reference),
    );
  });

  it("can each be changed by a transform on the component", async () => {
    const transform: pulumi.ResourceTransform = ({ type, props, opts }) =>
      type === "kubernetes:core/v1:Service"
        ? { props: { ...props, spec: { type: "NodePort" } }, opts }
        : undefined;
    const recording = await recordComponent({}, { componentOptions: { transforms: [transform] } });
    assert.deepEqual(named(recording, "waf-service").inputs.spec, { type: "NodePort" });
  });
});

describe("what is retained", () => {
  const args = { mesh: { revisions: ["default", "canary"] } };
  const reads = cluster({
    "istio-system/istio": { text: meshText },
    "istio-system/istio-canary": { text: meshText },
  });

  for (const teardown of [false, true]) {
    it(`is every patch of a mesh ConfigMap and nothing else, teardown ${teardown}`, async () => {
      const recording = await recordComponent({ ...args, teardown }, { reads });
      assert.deepEqual(
        recording.resources
          .filter(({ options }) => options.retainOnDelete)
          .map(({ name }) => name)
          .sort(),
        ["waf-mesh-canary", "waf-mesh-default"],
      );
    });
  }

  it("is the patch also when the component is told to delete", async () => {
    const recording = await recordComponent(
      { ...args },
      { reads, componentOptions: { retainOnDelete: false } },
    );
    assert.equal(named(recording, "waf-mesh-default").options.retainOnDelete, true);
    assert.equal(dependencies(recording, "waf-mesh-default").length > 0, true);
  });
});
