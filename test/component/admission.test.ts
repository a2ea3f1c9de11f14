import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Enforcement, SidecarInjection, SigsciIstioIntegration } from "../../src";
import type { SidecarPlacementArgs, SigsciIstioIntegrationArgs } from "../../src";
import { at, listAt, textAt } from "../../src/kubernetes/liveObject";
import { recordProgram } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { withProviderChecks } from "../../src/render/providerChecks";
import { findProtections } from "../../src/render/protections";
import { dependencies, named, recordRefusal } from "./program";
import { patched, reads, web, withSidecar } from "./sidecarProgram";

const record = (
  sidecar: SidecarPlacementArgs,
  args: Partial<SigsciIstioIntegrationArgs> = {},
  options: RecordOptions = {},
): Promise<Recording> =>
  recordProgram(
    () => {
      new SigsciIstioIntegration("waf", withSidecar({ targets: [web], sidecar, ...args }));
    },
    { reads, ...options },
  );
const injection = SidecarInjection.Admission;
const expressionOf = (recording: Recording): string => {
  const [mutation] = listAt(named(recording, "waf-web-injection").inputs, "spec", "mutations");
  return textAt(mutation, "jsonPatch", "expression") ?? "";
};
const admissionOf = ({ resources }: Recording): string[] =>
  resources
    .map(({ name }) => name)
    .filter((name) => /-(injection|guard)/.test(name))
    .sort();

describe("injection by admission", () => {
  it("makes policies with bindings for each target without a workload, under names of its own", async () => {
    const api = { name: "api", namespace: "shop", matchLabels: { app: "api" } };
    const targets = [api, { name: "pay", namespace: "pay" }, patched];
    assert.deepEqual(admissionOf(await record({ injection }, { targets })), [
      "waf-api-guard",
      "waf-api-guard-binding",
      "waf-api-injection",
      "waf-api-injection-binding",
      "waf-pay-guard",
      "waf-pay-guard-binding",
      "waf-pay-injection",
      "waf-pay-injection-binding",
    ]);
    const recording = await record({ injection });
    const policy = named(recording, "waf-web-injection");
    const name = "waf-web.shop.e6e672425d27afed";
    assert.equal(policy.type, "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy");
    assert.deepEqual(at(policy.inputs, "metadata"), {
      name,
      labels: {
        "app.kubernetes.io/name": "sigsci-agent",
        "app.kubernetes.io/instance": "waf-agent",
        "app.kubernetes.io/part-of": "sigsci-istio",
        "app.kubernetes.io/managed-by": "pulumi",
      },
      annotations: { "pulumi-sigsci-istio/component": "waf", "pulumi-sigsci-istio/target": "web" },
    });
    const bindings = ["waf-web-injection-binding", "waf-web-guard-binding"].map((one) =>
      named(recording, one),
    );
    assert.deepEqual(
      bindings.map(({ inputs, type }) => [type.split(":").pop(), inputs.spec]),
      [
        ["MutatingAdmissionPolicyBinding", { policyName: name }],
        ["ValidatingAdmissionPolicyBinding", { policyName: name, validationActions: ["Deny"] }],
      ],
    );
  });

  it("says on what makes the proxies ask which pods have no agent, but for a workload that is patched", async () => {
    const api = { name: "api", namespace: "shop", matchLabels: { app: "api" } };
    const excludedPods = [{ matchLabels: { waf: "off", tier: "jobs" } }];
    const args = { targets: [api, patched], inspection: { failOpen: false } };
    for (const enforcement of [Enforcement.AuthorizationPolicy, Enforcement.EnvoyFilter]) {
      const { resources } = await record({ injection, excludedPods }, { ...args, enforcement });
      const found = withProviderChecks(findProtections(resources), resources);
      assert.deepEqual(
        found.map(({ target, excludedPods: left, failOpen }) => [target, left, failOpen]),
        [
          ["waf/api", excludedPods, false],
          ["waf/web", [], false],
        ],
      );
    }
  });

  it("refers to the keys, and holds none", async () => {
    const recording = await record({ injection });
    const name = named(recording, "waf-secret-shop").id?.replace("shop/", "") ?? "";
    assert.match(expressionOf(recording), new RegExp(`name: "${name}",\\s+key: "accesskeyid"`));
    assert.ok(!expressionOf(recording).includes("PLAIN"));
  });

  it("adds the container that the other ways add, whatever of it is known only later", async () => {
    const env = [
      { name: "PLAIN", value: 'a "b" \\ \n c' },
      { name: "LATER", value: pulumi.output("known") },
    ];
    const image = { repository: pulumi.output("registry.example/agent") };
    const expression = expressionOf(await record({ injection }, { agent: { env, image } }));
    assert.ok(expression.includes(String.raw`value: "a \"b\" \\ \n c"`));
    assert.match(expression, /value: "known"/);
    assert.match(expression, /image: "registry\.example\/agent:/);
    assert.match(expression, /restartPolicy: "Always"/);
  });

  it("comes after the keys and before what makes the proxies ask; the guard follows the injection", async () => {
    const recording = await record({ injection, requireAgent: true });
    const after = (name: string, before: string): void => {
      assert.ok(dependencies(recording, name).includes(before), `${name} after ${before}`);
    };
    after("waf-web-injection", "waf-secret-shop");
    after("waf-web-injection-binding", "waf-web-injection");
    after("waf-web-guard", "waf-web-injection-binding");
    after("waf-mesh-default", "waf-web-injection-binding");
    after("waf-mesh-default", "waf-web-guard-binding");
    const filters = await record({ injection }, { enforcement: Enforcement.EnvoyFilter });
    assert.ok(dependencies(filters, "waf-web-envoy-filter").includes("waf-web-guard-binding"));
  });

  it("guards other ways of injection alone, after the workload has the agent", async () => {
    const recording = await record({ requireAgent: true }, { targets: [patched] });
    assert.deepEqual(admissionOf(recording), ["waf-web-guard", "waf-web-guard-binding"]);
    assert.ok(dependencies(recording, "waf-web-guard").includes("waf-web-workload"));
  });

  it("refuses a secret value, which everybody who may read policies would read", async () => {
    const env = [{ name: "TOKEN", value: pulumi.secret("TOKEN-4711") }];
    const { message, registered, plainText } = await recordRefusal(
      () => {
        new SigsciIstioIntegration(
          "waf",
          withSidecar({ targets: [web], sidecar: { injection }, agent: { env } }),
        );
      },
      { reads },
    );
    assert.match(message, /a value of `agent` is secret/);
    assert.deepEqual(registered, ["waf", "waf-id"]);
    assert.ok(!plainText.includes("TOKEN-4711"));
  });

  it("gives programs the agent for pods of their own all the same", async () => {
    await recordProgram(
      () => {
        const waf = new SigsciIstioIntegration(
          "waf",
          withSidecar({ targets: [web], sidecar: { injection, requireAgent: true } }),
        );
        assert.deepEqual(Object.keys(waf.sidecarAgent()).sort(), [
          "agent",
          "form",
          "secret",
          "securityContext",
        ]);
      },
      { reads },
    );
  });

  it("shows a first preview, in which the names are not drawn yet", async () => {
    const recording = await record({ injection }, {}, { preview: true });
    assert.equal(admissionOf(recording).length, 4);
    assert.ok(named(recording, "waf-web-policy"));
  });
});
