import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import { SigsciIstioIntegration } from "../../src";
import { editedAnnotation } from "../../src/kubernetes/ownership";
import { recordProgram, SecretValue, UNKNOWN } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { standInAnnotation } from "../../src/kubernetes/standIn";
import { dependencies, named, recordRefusal, smallest } from "./program";
import { base, pay, providersIn, reads, record, shared, variable, waf, written } from "./sharedMeshProgram";
import type { Live } from "./sharedMeshProgram";

describe("a component with the strategy Shared", () => {
  it("makes a ConfigMap that belongs to no component, and holds nothing of its own", async () => {
    const created = named(await record(), base);
    assert.equal(created.parent, undefined);
    assert.deepEqual(created.inputs, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        namespace: "istio-system",
        name: "sigsci-mesh-config",
        labels: { "app.kubernetes.io/part-of": "sigsci-istio", "app.kubernetes.io/managed-by": "pulumi" },
        annotations: { "pulumi-sigsci-istio/created-by": "project/stack" },
      },
    });
    assert.deepEqual(created.options.ignoreChanges, ["data"]);
    assert.equal(created.options.retainOnDelete, false);
  });

  it("patches its providers and marks in, and touches no ConfigMap of Istio's installation", async () => {
    const recording = await record();
    const { metadata, data } = written(recording);
    assert.deepEqual([metadata.namespace, metadata.name], ["istio-system", "sigsci-mesh-config"]);
    assert.deepEqual(providersIn(data.mesh), waf);
    assert.deepEqual(
      Object.keys(metadata.annotations)
        .filter((key) => key.startsWith("owner."))
        .sort(),
      waf.map((name) => `owner.pulumi-sigsci-istio/${name}`),
    );
    assert.equal(named(recording, "waf-mesh-shared").options.retainOnDelete, true);
    assert.deepEqual(named(recording, "waf").outputs.meshConfigMaps, ["istio-system/sigsci-mesh-config"]);
    const configMaps = recording.resources.filter(({ type }) => type.includes("ConfigMap"));
    assert.deepEqual(configMaps.map(({ name }) => name).sort(), [
      base,
      "waf-mesh-shared",
      "waf-mesh-shared-latest",
      "waf-mesh-shared-live",
    ]);
  });

  it("checks istiod, makes the ConfigMap, reads it, makes the agent, writes, and then makes the policies", async () => {
    const recording = await record();
    const order = (name: string): string[] => dependencies(recording, name);
    assert.deepEqual(order("waf-istiod-default-live"), []);
    assert.deepEqual(order(base), ["waf-istiod-default-live"]);
    assert.deepEqual(order("waf-mesh-shared-live"), [base, "waf-istiod-default-live"]);
    assert.ok(order("waf-namespace").includes("waf-mesh-shared-live"));
    for (const name of [base, "waf-deployment", "waf-service"]) {
      assert.ok(order("waf-mesh-shared").includes(name), name);
    }
    const checked = ["waf-id", "waf-istiod-default-live", "waf-mesh-shared-live"];
    assert.deepEqual(order("waf-web-policy"), [...checked, "waf-mesh-shared"].sort());
  });

  it("shows the whole text in the first preview, when the ConfigMap does not exist", async () => {
    const preview = await record({}, { preview: true });
    assert.equal(named(preview, "waf-mesh-shared-live").id, undefined);
    assert.deepEqual(written(preview).data, written(await record()).data);
    assert.equal(preview.logs[0]?.severity, "info");
    assert.match(preview.logs[0].message, /^istio-system\/sigsci-mesh-config: waf-ext-authz added: /);
  });

  it("is the same in the next run, and heals what somebody emptied", async () => {
    const { data, metadata } = written(await record());
    const live = (mesh?: string): Promise<Recording> => {
      const configMap = { ...(mesh !== undefined && { mesh }), annotations: metadata.annotations };
      return record({}, { reads: reads({ configMaps: { "istio-system/sigsci-mesh-config": configMap } }) });
    };
    assert.deepEqual(written(await live(data.mesh)), written(await record()));
    for (const text of [undefined, "", " \n"]) {
      const healed = written(await live(text));
      assert.equal(healed.data.mesh, data.mesh);
      assert.equal(healed.metadata.annotations[editedAnnotation("project/stack/waf")], "9");
    }
  });

  it("takes its entries out in teardown, and leaves a text that is empty", async () => {
    const { data, metadata } = written(await record());
    const configMap = { mesh: data.mesh, annotations: metadata.annotations };
    const live = reads({ configMaps: { "istio-system/sigsci-mesh-config": configMap }, istiods: {} });
    const recording = await record({ teardown: true }, { reads: live });
    assert.equal(written(recording).data.mesh, "extensionProviders:\n");
    assert.ok(dependencies(recording, "waf-mesh-shared").includes("waf-web-policy"));
  });

  it("serves all revisions with one ConfigMap and checks the istiod of each", async () => {
    const istiods = { "istio-system/istiod": variable(), "istio-system/istiod-1-31": variable() };
    const mesh = { ...shared.mesh, revisions: ["default", "1-31"] };
    const recording = await record({ mesh }, { reads: reads({ istiods }) });
    assert.deepEqual(dependencies(recording, base), ["waf-istiod-1-31-live", "waf-istiod-default-live"]);
    assert.equal(recording.resources.filter(({ type }) => type.endsWith("ConfigMapPatch")).length, 1);
  });

  it("keeps what it reads of istiod out of the state in plain text", async () => {
    const recording = await record();
    const { options } = named(recording, "waf-istiod-default-live");
    assert.deepEqual(options.additionalSecretOutputs, ["metadata", "spec", "status"]);
    assert.ok(!(named(recording, "waf-mesh-shared").inputs.data instanceof SecretValue));
  });

  it("leaves the ConfigMap to its maker when told so", async () => {
    const configMaps = { "mesh/istio-shared": { mesh: "accessLogFile: /dev/stdout\n" } };
    const mesh = {
      ...shared.mesh,
      istioNamespace: "mesh",
      sharedConfigMapName: "istio-shared",
      createSharedConfigMap: false,
      checkIstiod: false,
    };
    const recording = await record({ mesh }, { reads: reads({ configMaps, istiods: {} }) });
    assert.ok(written(recording).data.mesh.startsWith("accessLogFile: /dev/stdout\nextensionProviders:"));
    assert.deepEqual(
      recording.resources
        .filter(({ type }) => type === "kubernetes:core/v1:ConfigMap")
        .map(({ name }) => name),
      ["waf-mesh-shared-live", "waf-mesh-shared-latest"],
    );
  });
});

describe("istiod, with the strategy Shared,", () => {
  const refused = (istiods: Live["istiods"], options: RecordOptions = {}): ReturnType<typeof recordRefusal> =>
    recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, ...shared });
      },
      { reads: reads({ ...(istiods && { istiods }) }), ...options },
    );

  for (const preview of [true, false]) {
    it(`must read the ConfigMap, else nothing is created${preview ? ", as a preview says already" : ""}`, async () => {
      const run = await refused({ "istio-system/istiod": [] }, { preview });
      assert.deepEqual(run.registered, ["waf", "waf-id"]);
      assert.match(
        run.message,
        /^Mesh configuration in ConfigMap sigsci-mesh-config: Deployment istio-system\/istiod of istiod: its variable/,
      );
    });
  }

  it("must not read another one", async () => {
    const run = await refused({ "istio-system/istiod": variable("other") });
    assert.match(run.message, /names ConfigMap other, .*\n {4}Set `mesh\.sharedConfigMapName: "other"`/);
  });

  it("may be set up in the same update by a program that installs Istio", async () => {
    const program = (): void => {
      const istioNamespace = new random.RandomId("istiod", { byteLength: 4 }).id.apply(() => "istio-system");
      new SigsciIstioIntegration("waf", { ...smallest, mesh: { ...shared.mesh, istioNamespace } });
    };
    const first = await recordProgram(program, { reads: reads({ istiods: {} }), preview: true });
    assert.deepEqual(first.logs, []);
    assert.equal(written(first).metadata.namespace, UNKNOWN);
    const up = await recordProgram(program, { reads: reads() });
    assert.equal(named(up, "waf-istiod-default-live").id, "istio-system/istiod");
    assert.ok(dependencies(up, "waf-service").includes("istiod"));
    assert.deepEqual(providersIn(written(up).data.mesh), waf);
    const run = await recordRefusal(program, { reads: reads({ istiods: { "istio-system/istiod": [] } }) });
    assert.match(run.message, /SHARED_MESH_CONFIG is not set/);
  });

  it("may be set up by what the component waits for, whose Deployment is read once it is there", async () => {
    const program = (): void => {
      const dependsOn = new random.RandomId("istiod", { byteLength: 4 });
      new SigsciIstioIntegration("waf", { ...smallest, mesh: shared.mesh }, { dependsOn });
    };
    const first = await recordProgram(program, { reads: reads({ istiods: {} }), preview: true });
    assert.equal(named(first, "waf-istiod-default-live").id, undefined);
    assert.equal(written(first).metadata.namespace, "istio-system");
    const up = await recordProgram(program, { reads: reads() });
    assert.deepEqual(dependencies(up, "waf"), ["istiod"]);
    const run = await recordRefusal(program, { reads: reads({ istiods: { "istio-system/istiod": [] } }) });
    assert.match(run.message, /SHARED_MESH_CONFIG is not set/);
  });

  it("is waited for by the shared ConfigMap too, when istiod is not looked at", async () => {
    const recording = await recordProgram(
      () => {
        const dependsOn = new random.RandomId("istiod", { byteLength: 4 });
        const mesh = { ...shared.mesh, checkIstiod: false };
        new SigsciIstioIntegration("waf", { ...smallest, mesh }, { dependsOn });
      },
      { reads: reads({ istiods: {} }) },
    );
    assert.ok(dependencies(recording, base).includes("istiod"));
  });

  it("is only remarked on when its Deployment does not say it, or is a stand-in", async () => {
    const hidden = [{ name: "SHARED_MESH_CONFIG", valueFrom: {} }];
    for (const live of [
      { istiods: { "istio-system/istiod": hidden } },
      { istiods: { "istio-system/istiod": [] }, annotations: { [standInAnnotation]: "offline" } },
    ]) {
      const recording = await record({}, { reads: reads(live) });
      const warnings = recording.logs.filter(({ severity }) => severity === "warning");
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]?.message ?? "", /^Deployment istio-system\/istiod of istiod: /);
    }
  });
});

describe("several components with the strategy Shared", () => {
  it("have one ConfigMap in common, and both write the entries of both", async () => {
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, ...shared });
        new SigsciIstioIntegration("pay", pay);
      },
      { reads: reads() },
    );
    named(recording, base);
    const text = written(recording, "pay-mesh-shared").data.mesh;
    assert.equal(written(recording).data.mesh, text);
    assert.deepEqual(providersIn(text), ["pay-access-log", "pay-ext-authz", ...waf]);
    for (const name of [base, "waf-mesh-shared"]) {
      assert.ok(dependencies(recording, "pay-mesh-shared").includes(name), name);
    }
  });

  it("keep the ConfigMap's name when the first one goes", async () => {
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("pay", pay);
      },
      { reads: reads() },
    );
    assert.equal(named(recording, base).parent, undefined);
  });

  it("have one for each cluster and each namespace of Istio", async () => {
    const istiods = { "istio-system/istiod": variable(), "mesh/istiod": variable() };
    const recording = await recordProgram(
      () => {
        const provider = new k8s.Provider("east", { kubeconfig: "{}" });
        new SigsciIstioIntegration("waf", { ...smallest, ...shared });
        new SigsciIstioIntegration("far", { ...smallest, ...shared }, { provider });
        new SigsciIstioIntegration("pay", { ...pay, mesh: { ...shared.mesh, istioNamespace: "mesh" } });
      },
      { reads: reads({ istiods }) },
    );
    const made = recording.resources.filter(
      ({ type, isRead }) => type === "kubernetes:core/v1:ConfigMap" && !isRead,
    );
    assert.deepEqual(made.map(({ name }) => name).sort(), [
      "sigsci-istio-mesh-sigsci-mesh-config",
      base,
      `${base}-east`,
    ]);
    assert.ok(named(recording, `${base}-east`).options.provider?.includes("::east::"));
    assert.deepEqual(providersIn(written(recording, "pay-mesh-shared").data.mesh), [
      "pay-access-log",
      "pay-ext-authz",
    ]);
  });
});
