import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";
import { Enforcement, SigsciIstioIntegration, TargetKind, TargetRefKind } from "../../src";
import type { SigsciIstioIntegrationArgs, TargetArgs } from "../../src";
import { recordProgram } from "../../src/offline/recording";
import { defaultCluster, recordRefusal, smallest } from "./program";

type Changes = Partial<SigsciIstioIntegrationArgs>;

const web: TargetArgs = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
const edge: TargetArgs = {
  name: "edge",
  kind: TargetKind.Gateway,
  namespace: "shop",
  targetRefs: [{ kind: TargetRefKind.Gateway, name: "edge" }],
};
const gatewayPods: TargetArgs = {
  name: "pods",
  kind: TargetKind.Gateway,
  namespace: "shop",
  matchLabels: { "gateway.networking.k8s.io/gateway-name": "edge" },
};

const two =
  (one: TargetArgs, other: TargetArgs, changes: Changes = {}, otherChanges: Changes = changes) =>
  (): void => {
    new SigsciIstioIntegration("waf", { ...smallest, ...changes, targets: [one] });
    new SigsciIstioIntegration("pay", {
      ...smallest,
      namespace: "sigsci-pay",
      ...otherChanges,
      targets: [other],
    });
  };
const accepted = async (program: () => void): Promise<void> => {
  await recordProgram(program, { reads: defaultCluster });
};

describe("two components of one program", () => {
  it("are refused with both names when their targets are the same", async () => {
    const { message, registered } = await recordRefusal(two(web, { ...web, name: "shop" }));
    assert.equal(
      message,
      'SigsciIstioIntegration "pay": targets[0], shop (namespace shop, app=web), may select proxies of target web ' +
        '(namespace shop, app=web) of "waf", and Istio uses one external authorizer for a proxy.\n' +
        "    Let one component protect them, or tell them apart by one label: " +
        'matchLabels: { app: "web" } here and { app: "api" } there.',
    );
    assert.ok(!registered.some((name) => name.startsWith("pay-")));
  });

  const compatible: Record<string, [TargetArgs, TargetArgs]> = {
    "one label and two": [web, { ...web, matchLabels: { app: "web", tier: "edge" } }],
    "a whole namespace and labels": [{ name: "all", namespace: "shop" }, web],
    "the root namespace and labels": [{ ...web, namespace: "istio-system" }, web],
    "a Gateway by reference and by the label of its pods": [edge, gatewayPods],
    "a Gateway by reference and its whole namespace": [edge, { name: "all", namespace: "shop" }],
  };
  for (const [what, [one, other]] of Object.entries(compatible)) {
    it(`are refused in either order for ${what}`, async () => {
      for (const program of [two(one, other), two(other, one)]) {
        const { message } = await recordRefusal(program);
        assert.match(message, /^SigsciIstioIntegration "pay": targets\[0\], .* of "waf"/);
      }
    });
  }

  it("are refused when their namespace is known only later", async () => {
    const later = { ...web, namespace: pulumi.output("shop") };
    for (const program of [two(web, later), two(later, later)]) {
      const { message, registered } = await recordRefusal(program);
      assert.match(message, /^SigsciIstioIntegration "pay": targets\[0\], web .* of target web .* of "waf"/);
      assert.ok(!registered.includes("pay-web-policy"));
    }
  });

  it("are refused whatever the enforcement of each is", async () => {
    const filter = { enforcement: Enforcement.EnvoyFilter };
    assert.match((await recordRefusal(two(web, web, filter))).message, /of "waf"/);
    assert.match((await recordRefusal(two(web, web, {}, filter))).message, /of "waf"/);
    assert.match((await recordRefusal(two(web, web, filter, {}))).message, /of "waf"/);
  });

  it("are taken with labels that contradict, with other keys, and elsewhere", async () => {
    await accepted(two(web, { ...web, matchLabels: { app: "api" } }));
    await accepted(two(web, { ...web, matchLabels: { tier: "edge" } }));
    await accepted(two(web, { ...web, namespace: "bank" }));
  });

  it("are taken with filters for sidecars and for gateways of one namespace", async () => {
    const gateway = { ...web, kind: TargetKind.Gateway };
    await accepted(two(web, gateway, { enforcement: Enforcement.EnvoyFilter }));
    assert.match((await recordRefusal(two(web, gateway))).message, /of "waf"/);
  });

  it("are taken in teardown, and in different clusters", async () => {
    await accepted(two(web, web, { teardown: true }, {}));
    await accepted(two(web, web, {}, { teardown: true }));
    await accepted(() => {
      for (const name of ["waf", "pay"]) {
        const provider = new k8s.Provider(`${name}-cluster`, { kubeconfig: "{}" });
        new SigsciIstioIntegration(name, { ...smallest, targets: [web] }, { provider });
      }
    });
  });
});
