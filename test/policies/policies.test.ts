import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { StackValidationArgs } from "@pulumi/policy";
import { recordProgram } from "../../src/offline/recording";
import { redact } from "../../src/offline/secretValue";
import {
  agentIsSupported,
  failingOpenIsExplained,
  gatewaysAreCovered,
  observingEnds,
  productionIsOn,
  providersExist,
  sigsciIstioPolicies,
} from "../../src/policies";
import type { StackResource } from "../../src/policies/stackFacts";
import { sampleMesh } from "../../src/render/meshSource";
import { simulateCluster } from "../../src/render/simulatedCluster";
import {
  InspectionMode,
  Placement,
  SidecarInjection,
  SigsciIstioIntegration,
  TargetKind,
  TargetRefKind,
} from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";

const credentials = { site: "shop", accessKeyId: "id", secretAccessKey: "key" };
const edge = {
  name: "edge",
  namespace: "ingress",
  kind: TargetKind.Gateway,
  targetRefs: [{ kind: TargetRefKind.Gateway, name: "public" }],
};

/** The resources of a stack with a component, and a gateway that the internet reaches. */
async function stackOf(
  args: Partial<SigsciIstioIntegrationArgs>,
  stack = "prod",
  more: () => void = () => undefined,
): Promise<StackResource[]> {
  const program = (): void => {
    new k8s.apiextensions.CustomResource("public", {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "public", namespace: "ingress" },
      spec: { gatewayClassName: "istio" },
    });
    new SigsciIstioIntegration("waf", { credentials, targets: [edge], ...args });
    more();
  };
  const { resources } = await recordProgram(program, {
    stack,
    ...simulateCluster(sampleMesh(), [], "default"),
  });
  return resources.map(({ type, name, urn, inputs, outputs }) => {
    const props = redact({ ...inputs, ...outputs });
    return { type, name, urn, props: props as Record<string, unknown> };
  });
}

type Policy = (typeof sigsciIstioPolicies)[number];

/** What a policy reports of some resources. */
async function reported(
  policy: Policy,
  resources: readonly StackResource[],
  config: object = {},
): Promise<string[]> {
  const messages: string[] = [];
  // A policy of this package reads these two of them only.
  const args = { resources, getConfig: () => config } as unknown as StackValidationArgs;
  await policy.validateStack(args, (message, urn) => {
    assert.ok(resources.some((resource) => resource.urn === urn));
    messages.push(message);
  });
  return messages;
}

describe("policies", function () {
  this.timeout(20_000);

  it("have nothing against a stack whose gateway fails closed", async () => {
    const resources = await stackOf({ inspection: { failOpen: false } });
    for (const policy of sigsciIstioPolicies) {
      assert.deepEqual(await reported(policy, resources, { today: "2026-11-29" }), [], policy.name);
    }
  });

  it("want every gateway to be inspected", async () => {
    const target = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
    const resources = await stackOf({ targets: [target] });
    assert.deepEqual(await reported(gatewaysAreCovered, resources), [
      "Gateway ingress/public: no target means it, so requests from outside pass it uninspected. Add a target with kind: " +
        "TargetKind.Gateway, or name it in `internal` of this policy.",
    ]);
    assert.deepEqual(await reported(gatewaysAreCovered, resources, { internal: ["ingress/public"] }), []);
  });

  it("know Istio's own gateways by the labels that they select, and waypoints as none", async () => {
    const target = { ...edge, targetRefs: undefined, matchLabels: { istio: "ingressgateway" } };
    const gateways = (): void => {
      const metadata = { namespace: "shop" };
      const apiVersion = "networking.istio.io/v1";
      for (const istio of ["ingressgateway", "other"]) {
        const spec = { selector: { istio } };
        new k8s.apiextensions.CustomResource(istio, {
          apiVersion,
          kind: "Gateway",
          metadata: { ...metadata, name: istio },
          spec,
        });
      }
      new k8s.apiextensions.CustomResource("waypoint", {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { ...metadata, name: "waypoint" },
        spec: { gatewayClassName: "istio-waypoint" },
      });
    };
    const found = await reported(gatewaysAreCovered, await stackOf({ targets: [target] }, "prod", gateways));
    assert.deepEqual(
      found.map((message) => message.split(":")[0]),
      ["Gateway ingress/public", "Gateway shop/other"],
    );
  });

  it("want a reason for each target that the internet reaches and that fails open", async () => {
    const resources = await stackOf({});
    assert.deepEqual(await reported(failingOpenIsExplained, resources), [
      "target waf/edge fails open: while the agent does not answer, requests from the internet pass uninspected. Set " +
        '`inspection.failOpen: false`, or write the reason down: exceptions: { "waf/edge": "…" } in the configuration of ' +
        "this policy.",
    ]);
    assert.equal(
      (await reported(failingOpenIsExplained, resources, { exceptions: { "waf/edge": " " } })).length,
      1,
    );
    assert.deepEqual(
      await reported(failingOpenIsExplained, resources, { exceptions: { "waf/edge": "until May, SEC-12" } }),
      [],
    );
  });

  it("look at targets that are no gateways where they are said to be reached", async () => {
    const target = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
    const resources = await stackOf({ targets: [target] });
    assert.deepEqual(await reported(failingOpenIsExplained, resources), []);
    assert.equal(
      (await reported(failingOpenIsExplained, resources, { internetFacing: ["waf/web"] })).length,
      1,
    );
  });

  it("want each CUSTOM policy to name a provider that is there", async () => {
    const resources = await stackOf({}, "prod", () => {
      new k8s.apiextensions.CustomResource("opa", {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: "opa", namespace: "shop" },
        spec: { action: "CUSTOM", provider: { name: "opa" }, rules: [{}] },
      });
    });
    const [found, ...others] = await reported(providersExist, resources);
    assert.deepEqual(others, []);
    assert.match(
      found ?? "",
      /^AuthorizationPolicy opa names the provider "opa", which no component .* refused with 403/,
    );
    assert.deepEqual(await reported(providersExist, resources, { providers: ["opa"] }), []);
  });

  it("want an agent of a version that is pinned and supported", async () => {
    const of = async (image: object, today = "2026-11-29"): Promise<string[]> =>
      reported(agentIsSupported, await stackOf({ agent: { image } }), { today });
    assert.deepEqual(await of({ version: "4.84.0" }), []);
    assert.match((await of({ version: "4.52.0" }))[0] ?? "", /is out of support since 2026-04-30/);
    assert.match(
      (await of({ tag: "latest" }))[0] ?? "",
      /:latest names no version: a restarted pod may run another agent/,
    );
    assert.match((await of({ version: "4.84.0" }, "2029-03-01"))[0] ?? "", /is out of support/);
  });

  it("look at the agent in the pods of others, which are patched or get it from the API server", async () => {
    const agent = { image: { version: "4.52.0" } };
    const target = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
    const sidecar = { injection: SidecarInjection.Admission };
    const added = await stackOf({ agent, placement: Placement.Sidecar, sidecar, targets: [target] });
    const [found, ...others] = await reported(agentIsSupported, added, { today: "2026-11-29" });
    assert.match(found ?? "", /sigsci-agent:4\.52\.0 is out of support/);
    assert.deepEqual(others, []);

    const pod = { spec: { initContainers: [{ image: "signalsciences/sigsci-agent:4.52.0" }] } };
    const resources = [
      { type: "kubernetes:apps/v1:DeploymentPatch", props: { spec: { template: pod } } },
      { type: "kubernetes:batch/v1:CronJob", props: { spec: { jobTemplate: { spec: { template: pod } } } } },
      { type: "kubernetes:core/v1:Pod", props: pod },
    ].map(({ type, props }) => ({ type, props, name: type, urn: type }));
    assert.equal((await reported(agentIsSupported, resources, { today: "2026-11-29" })).length, 3);
  });

  it("want targets of production stacks to be on", async () => {
    const teardown = { teardown: true };
    assert.deepEqual(await reported(productionIsOn, await stackOf(teardown)), [
      "target waf/edge inspects 0 % of its requests in stack prod: they all pass uninspected. Take `teardown: true` or " +
        "`rolloutPercent: 0` out.",
    ]);
    assert.deepEqual(await reported(productionIsOn, await stackOf(teardown, "dev")), []);
    assert.equal(
      (await reported(productionIsOn, await stackOf(teardown, "live"), { stacks: "^live$" })).length,
      1,
    );
  });

  it("ask of targets that observe until when, which is neither past nor far, and nothing of others", async () => {
    const of = async (observeUntil: string | undefined, config: object = {}): Promise<string[]> =>
      reported(
        observingEnds,
        await stackOf({
          inspection: { mode: InspectionMode.Observe, ...(observeUntil && { observeUntil }) },
        }),
        { today: "2026-11-29", ...config },
      );
    const ends = "Set its `mode` to Block, or `observeUntil` to a day until 2026-12-29.";
    assert.deepEqual(await of("2026-11-29"), []);
    assert.deepEqual(await of("2026-12-29"), []);
    assert.deepEqual(await of(undefined), [
      `target waf/edge observes, so attacks on it pass, and does not say until when. ${ends}`,
    ]);
    assert.deepEqual(await of("2026-11-28"), [
      `target waf/edge observes, so attacks on it pass, and was to end that on 2026-11-28. ${ends}`,
    ]);
    assert.deepEqual(await of("2026-12-30"), [
      `target waf/edge observes, so attacks on it pass, and only ends that on 2026-12-30. ${ends}`,
    ]);
    assert.deepEqual(await of("2026-12-30", { days: 31 }), []);
    assert.equal((await of("2026-11-30", { days: 0 })).length, 1);
    assert.deepEqual(await reported(observingEnds, await stackOf({}), { today: "2026-11-29" }), []);
  });

  it("do not ask for the reason to fail open of what observes, for which there is a policy of its own", async () => {
    const resources = await stackOf({ inspection: { mode: InspectionMode.Observe } });
    assert.deepEqual(await reported(failingOpenIsExplained, resources), []);
  });
});
