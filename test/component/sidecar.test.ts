import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Enforcement, SidecarForm, SigsciIstioIntegration, TargetKind, withSigsciAgent } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { at } from "../../src/kubernetes/liveObject";
import { isRecord } from "../../src/pulumi/inputs";
import { recordProgram } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { dependencies, named, recordRefusal, smallest } from "./program";
import { appSecret, patched, reads, web, withSidecar } from "./sidecarProgram";

function record(
  args: Partial<SigsciIstioIntegrationArgs> = {},
  options: RecordOptions = {},
): Promise<Recording> {
  return recordProgram(
    () => {
      new SigsciIstioIntegration("waf", withSidecar(args));
    },
    { reads, ...options },
  );
}

describe("Sidecar placement", () => {
  it("creates a Secret for each namespace, the patch, one ServiceEntry, and no pods of its own", async () => {
    const targets = [
      patched,
      { name: "api", namespace: "shop", matchLabels: { app: "api" } },
      { name: "pay", namespace: "pay", matchLabels: { app: "pay" } },
    ];
    const recording = await record({ targets, createNamespace: undefined });
    assert.deepEqual(recording.resources.map(({ name }) => name).sort(), [
      "waf",
      "waf-api-policy",
      "waf-api-telemetry",
      "waf-id",
      "waf-mesh-default",
      "waf-mesh-default-latest",
      "waf-mesh-default-live",
      "waf-pay-policy",
      "waf-pay-telemetry",
      "waf-secret-pay",
      "waf-secret-shop",
      "waf-service-entry",
      "waf-web-policy",
      "waf-web-telemetry",
      "waf-web-workload",
      "waf-web-workload-live",
    ]);
    const [shop, pay] = [named(recording, "waf-secret-shop").id, named(recording, "waf-secret-pay").id];
    assert.match(shop ?? "", /^shop\/sigsci\.shop-/);
    assert.equal(pay, shop?.replace("shop/", "pay/"));
  });

  it("creates no Secret where the program brings its own", async () => {
    const recording = await record({ credentials: { existingSecret: { name: "own" } } });
    assert.ok(!recording.resources.some(({ type }) => type === "kubernetes:core/v1:Secret"));
    const spec = JSON.stringify(named(recording, "waf-web-workload").inputs.spec);
    assert.match(spec, /"secretKeyRef":\{"key":"accesskeyid","name":"own"\}/);
  });

  it("has the agent in the pods before the mesh learns of it, and the policy last", async () => {
    const recording = await record();
    const checked = ["waf-id", "waf-mesh-default-live", "waf-web-workload-live"];
    assert.deepEqual(dependencies(recording, "waf-secret-shop"), checked);
    assert.deepEqual(dependencies(recording, "waf-web-workload"), [...checked, "waf-secret-shop"].sort());
    const mesh = dependencies(recording, "waf-mesh-default");
    for (const name of ["waf-web-workload", "waf-secret-shop", "waf-service-entry"]) {
      assert.ok(mesh.includes(name), name);
    }
    assert.deepEqual(dependencies(recording, "waf-web-policy"), [...checked, "waf-mesh-default"].sort());
  });

  it("has the agent in the pods before an EnvoyFilter", async () => {
    const filters = await record({ enforcement: Enforcement.EnvoyFilter });
    assert.ok(dependencies(filters, "waf-web-envoy-filter").includes("waf-web-workload"));
  });

  it("patches the workload with the agent alone, present names listed first", async () => {
    const { inputs, type } = named(await record(), "waf-web-workload");
    assert.equal(type, "kubernetes:apps/v1:DeploymentPatch");
    const podSpec = at(inputs, "spec", "template", "spec");
    assert.deepEqual(Object.keys(podSpec as object).sort(), ["initContainers", "volumes"]);
    assert.deepEqual(at(podSpec, "volumes"), [
      { name: "cache" },
      { name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } },
    ]);
    const annotations = at(inputs, "metadata", "annotations");
    assert.equal(at(annotations, "pulumi.com/patchForce"), "true");
    assert.equal(
      at(annotations, "owner.pulumi-sigsci-istio/sigsci-agent"),
      "project/stack/waf#e6e672425d27afed",
    );
  });

  it("puts an ordinary container where that is asked for", async () => {
    const { inputs } = named(await record({ sidecar: { form: SidecarForm.Container } }), "waf-web-workload");
    const containers = at(inputs, "spec", "template", "spec", "containers");
    assert.deepEqual(
      (containers as { name: string }[]).map(({ name }) => name),
      ["web", "sigsci-agent"],
    );
  });

  it("shows in a first preview all but what is drawn in the update", async () => {
    const { inputs } = named(await record({}, { preview: true }), "waf-web-workload");
    const text = JSON.stringify(inputs);
    assert.match(text, /"image":"signalsciences\/sigsci-agent:4\.84\.0"/);
    assert.match(text, /"secretKeyRef":\{"key":"accesskeyid","name":"\[unknown\]"\}/);
  });

  it("takes nothing of the application's pods into the stack's state in plain text", async () => {
    const recording = await record();
    const { inputs } = named(recording, "waf-web-workload");
    assert.ok(!JSON.stringify(inputs).includes(appSecret));
    for (const name of ["waf-web-workload-live", "waf-web-workload"]) {
      const { additionalSecretOutputs } = named(recording, name).options;
      assert.deepEqual(additionalSecretOutputs, ["metadata", "spec", "status"], name);
    }
  });

  it("shows its patch in plain text, although what it is decided from is secret", async () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const asRealReads: typeof reads = (type, id) => {
      const object = reads(type, id);
      return isRecord(object) && object.kind === "Deployment"
        ? {
            ...object,
            spec: { ...secret, value: object.spec },
            metadata: { ...secret, value: object.metadata },
          }
        : object;
    };
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("waf", withSidecar());
      },
      { reads: asRealReads },
    );
    assert.ok(recording.secrets.has(appSecret), "the read is secret");
    const { inputs } = named(recording, "waf-web-workload");
    assert.deepEqual(inputs, named(await record(), "waf-web-workload").inputs);
  });

  it("makes the mesh know the agent of each pod by one ServiceEntry, in the targets' namespaces only", async () => {
    const targets = [
      patched,
      { name: "pay", namespace: "pay" },
      { name: "api", namespace: "shop", matchLabels: { app: "api" } },
    ];
    const { inputs, id } = named(await record({ targets, agent: { port: 9555 } }), "waf-service-entry");
    assert.equal(id, "istio-system/waf-agent");
    assert.deepEqual(inputs.spec, {
      hosts: ["waf-agent.sidecar.internal"],
      exportTo: ["pay", "shop"],
      location: "MESH_EXTERNAL",
      resolution: "STATIC",
      ports: [{ number: 9555, name: "grpc", protocol: "GRPC" }],
      endpoints: [{ address: "127.0.0.1" }],
    });
  });

  it("exports it to every namespace when a target's policy is in the root namespace", async () => {
    const gateway = {
      name: "edge",
      namespace: "istio-system",
      kind: TargetKind.Gateway,
      matchLabels: { istio: "edge" },
    };
    const { inputs } = named(await record({ targets: [gateway] }), "waf-service-entry");
    assert.deepEqual(at(inputs, "spec", "exportTo"), ["*"]);
  });

  it("names that host in both providers", async () => {
    const patch = named(await record({ agent: { port: 9555 } }), "waf-mesh-default");
    const text = String(at(patch.inputs, "data", "mesh"));
    assert.equal(text.match(/service: waf-agent\.sidecar\.internal\n\s+port: 9555/g)?.length, 2);
  });

  it("needs no ServiceEntry with EnvoyFilter, which asks 127.0.0.1 over a cluster of its own", async () => {
    const recording = await record({ enforcement: Enforcement.EnvoyFilter });
    assert.ok(!recording.resources.some(({ name }) => name === "waf-service-entry"));
    const filter = named(recording, "waf-web-envoy-filter");
    assert.deepEqual(dependencies(recording, "waf-web-envoy-filter"), [
      "waf-id",
      "waf-secret-shop",
      "waf-web-workload",
      "waf-web-workload-live",
    ]);
    assert.match(
      JSON.stringify(filter.inputs.spec),
      /"socket_address":\{"address":"127\.0\.0\.1","port_value":9999\}/,
    );
    assert.deepEqual(at(filter.inputs, "metadata", "annotations"), {
      "pulumi-sigsci-istio/component": "waf",
      "pulumi-sigsci-istio/target": "web",
    });
  });

  it("takes the guide's own EnvoyFilter", async () => {
    const args = { enforcement: Enforcement.EnvoyFilter, envoyFilter: { guideCompatible: true } };
    const { inputs } = named(await record(args), "waf-web-envoy-filter");
    const patches = at(inputs, "spec", "configPatches") as { applyTo: string }[];
    assert.deepEqual(
      patches.map(({ applyTo }) => applyTo),
      ["HTTP_FILTER", "NETWORK_FILTER", "CLUSTER"],
    );
  });

  it("gives the agent to programs that own the workload, with its Secret and salt", async () => {
    const options = { anonymousIpSecretKey: "SALT-4711" };
    const recording = await recordProgram(
      () => {
        const waf = new SigsciIstioIntegration(
          "waf",
          withSidecar({
            targets: [web],
            agent: { name: "guard", options, env: [{ name: "A", value: "b" }] },
          }),
        );
        new k8s.core.v1.Pod("pod", {
          spec: withSigsciAgent({ containers: [{ name: "web" }] }, waf.sidecarAgent()),
        });
      },
      { reads },
    );
    const [agent] = at(named(recording, "pod").inputs, "spec", "initContainers") as {
      name: string;
      env: unknown[];
    }[];
    const name = named(recording, "waf-secret-shop").id?.replace("shop/", "");
    assert.equal(agent?.name, "sigsci-agent");
    const references = agent.env.filter((entry) => at(entry, "valueFrom") !== undefined);
    assert.deepEqual(
      references,
      [
        ["SIGSCI_ACCESSKEYID", "accesskeyid"],
        ["SIGSCI_SECRETACCESSKEY", "secretaccesskey"],
        ["SIGSCI_ANONYMOUS_IP_SECRET_KEY", "anonymousipsecretkey"],
      ].map(([variable, key]) => ({ name: variable, valueFrom: { secretKeyRef: { name, key } } })),
    );
    assert.ok(!JSON.stringify(named(recording, "pod").inputs).includes("SALT-4711"));
  });

  it("has no agent to give with another placement", async () => {
    const { message } = await recordRefusal(() => {
      new SigsciIstioIntegration("waf", smallest).sidecarAgent();
    });
    assert.match(message, /sidecarAgent\(\) needs placement Sidecar/);
  });
});
