import assert from "node:assert/strict";
import { Enforcement, InspectionMode, SigsciIstioIntegration, TargetKind } from "../../src";
import type { SigsciIstioIntegrationArgs, TargetArgs } from "../../src";
import type { Recording } from "../../src/offline/recording";
import { textAt } from "../../src/kubernetes/liveObject";
import { dependencies, named, recordComponent, recordRefusal, smallest } from "./program";

const { Observe, Block } = InspectionMode;
const observe = { inspection: { mode: Observe } };

const resourceNames = ({ resources }: Recording): string[] => resources.map(({ name }) => name).sort();

describe("a component that observes by AuthorizationPolicies", () => {
  it("adds one EnvoyFilter for each observed target, which its policies wait for, and changes nothing else", async () => {
    const before = await recordComponent();
    const after = await recordComponent(observe);
    assert.deepEqual(
      resourceNames(after).filter((name) => !resourceNames(before).includes(name)),
      ["waf-web-observe"],
    );
    assert.deepEqual(named(after, "waf-web-policy").inputs, named(before, "waf-web-policy").inputs);
    assert.ok(dependencies(after, "waf-web-policy").includes("waf-web-observe"));
    // It does nothing by itself, so it need not wait for the agent.
    assert.deepEqual(dependencies(after, "waf-web-observe"), ["waf-id", "waf-mesh-default-live"]);
  });

  it("names and marks the EnvoyFilter, and selects what the policy selects", async () => {
    const { inputs } = named(await recordComponent(observe), "waf-web-observe");
    const { metadata, spec } = inputs as { metadata: Record<string, unknown>; spec: Record<string, object> };
    assert.match(textAt(metadata, "name") ?? "", /^waf-web-observe-[0-9a-f]{8}$/);
    assert.equal(metadata.namespace, "shop");
    assert.deepEqual(metadata.annotations, {
      "pulumi-sigsci-istio/component": "waf",
      "pulumi-sigsci-istio/target": "web",
    });
    assert.deepEqual(spec.workloadSelector, { labels: { app: "web" } });
  });

  it("does so for the targets that say it, and says who observes in its outputs", async () => {
    const targets: TargetArgs[] = [
      { name: "web", namespace: "shop", matchLabels: { app: "web" }, mode: Observe },
      { name: "api", namespace: "shop", matchLabels: { app: "api" } },
    ];
    const recording = await recordComponent({ targets, inspection: { failOpen: false } });
    const { outputs } = named(recording, "waf");
    assert.deepEqual(
      resourceNames(recording).filter((name) => name.endsWith("-observe")),
      ["waf-web-observe"],
    );
    const coverage = outputs.coverage as { name: string; mode: string; failOpen: boolean }[];
    assert.deepEqual(
      coverage.map(({ name, mode, failOpen }) => [name, mode, failOpen]),
      [
        ["web", "Observe", true],
        ["api", "Block", false],
      ],
    );
    assert.deepEqual(
      (outputs.envoyFilters as string[]).map((id) => id.replace(/-[0-9a-f]{8}$/, "")),
      ["shop/waf-web-observe"],
    );
    assert.ok((outputs.notInspected as string[]).some((line) => line.startsWith("target web: ")));
  });

  it("warns that an older Istio would block, as nobody has looked at the cluster", async () => {
    const { logs } = await recordComponent(observe);
    assert.deepEqual(
      logs.map(({ message }) => message).filter((message) => message.includes("Istio before 1.31")),
      ["target web: an Istio before 1.31, istiod or a proxy, blocks what is to be observed here."],
    );
  });

  it("makes none of it in teardown, where nothing asks the agent", async () => {
    const recording = await recordComponent({ ...observe, teardown: true });
    assert.ok(!resourceNames(recording).includes("waf-web-observe"));
  });
});

describe("a component that observes by EnvoyFilters", () => {
  it("sets the shadow mode in the filter of the target", async () => {
    const recording = await recordComponent({ ...observe, enforcement: Enforcement.EnvoyFilter });
    assert.ok(!resourceNames(recording).includes("waf-web-observe"));
    assert.match(JSON.stringify(named(recording, "waf-web-envoy-filter").inputs.spec), /"shadow_mode":true/);
  });

  it("leaves it out in that of a target that blocks", async () => {
    const targets = [{ ...smallest.targets[0], mode: Block } as TargetArgs];
    const args = { ...observe, targets, enforcement: Enforcement.EnvoyFilter };
    const recording = await recordComponent(args);
    assert.doesNotMatch(JSON.stringify(named(recording, "waf-web-envoy-filter").inputs.spec), /shadow_mode/);
  });
});

describe("observing where requests would be blocked", () => {
  const refusals: readonly (readonly [string, Partial<SigsciIstioIntegrationArgs>, RegExp])[] = [
    [
      "without preflight",
      { preflight: { enabled: false } },
      /preflight\.enabled .*an Istio before 1\.31 blocks/s,
    ],
    [
      "at waypoints",
      { targets: [{ name: "web", namespace: "shop", kind: TargetKind.Waypoint }] },
      /inspection\.mode/,
    ],
    ["with 413 for long bodies", { inspection: { mode: Observe, body: { allowPartial: false } } }, /413/],
  ];
  for (const [title, args, expected] of refusals) {
    it(`is refused ${title}, before anything is registered`, async () => {
      const { message, registered } = await recordRefusal(() => {
        new SigsciIstioIntegration("waf", { ...smallest, ...observe, ...args });
      });
      assert.match(message, expected);
      assert.deepEqual(registered, ["waf"]);
    });
  }
});
