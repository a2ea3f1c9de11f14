import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Enforcement, SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs, TargetArgs, TargetCoverage } from "../../src";
import { recordProgram, reveal, UNKNOWN, type Recording } from "../../src/offline/recording";
import { patched, reads, withSidecar } from "./sidecarProgram";
import { defaultCluster, dependencies, named, recordComponent, recordRefusal, smallest } from "./program";

const web: TargetArgs = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
const withLabels = (matchLabels: TargetArgs["matchLabels"]): TargetArgs => ({ ...web, matchLabels });
const spec = (recording: Recording, name: string): unknown => reveal(named(recording, name).inputs.spec);

/** A program whose target has the labels of its own Deployment. */
function ownDeployment(): { coverage: pulumi.Output<unknown> } {
  const labels = { app: "web" };
  const deployment = new k8s.apps.v1.Deployment("web", {
    metadata: { namespace: "shop", name: "web" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    },
  });
  const waf = new SigsciIstioIntegration("waf", {
    ...smallest,
    targets: [withLabels(deployment.spec.selector.matchLabels)],
  });
  return { coverage: waf.coverage };
}

/** What is refused when an argument is known later, of a component that would otherwise be made. */
async function refusalOf(changes: Partial<SigsciIstioIntegrationArgs>): Promise<string> {
  const { message, registered } = await recordRefusal(
    () => {
      new SigsciIstioIntegration("waf", { ...smallest, ...changes });
    },
    { reads },
  );
  assert.ok(!registered.some((name) => /policy|telemetry|agent|filter/.test(name)), registered.join());
  return message;
}

describe("labels of a target that are known later", () => {
  it("may be those of a Deployment of the program", async () => {
    const recording = await recordProgram(ownDeployment, { reads: defaultCluster });
    const [coverage] = recording.outputs.coverage as Pick<TargetCoverage, "matchLabels">[];
    assert.deepEqual(coverage?.matchLabels, { app: "web" });
    assert.deepEqual(dependencies(recording, "waf-web-policy").includes("web"), true);
  });

  for (const enforcement of Object.values(Enforcement)) {
    it(`give the same objects as plain ones, with ${enforcement}`, async () => {
      const plain = await recordComponent({ enforcement, targets: [web] });
      const whole = await recordComponent({
        enforcement,
        targets: [withLabels(pulumi.output({ app: "web" }))],
      });
      const single = await recordComponent({
        enforcement,
        targets: [withLabels({ app: pulumi.output("web") })],
      });
      const names = plain.resources
        .map(({ name }) => name)
        .filter((name) => /policy|telemetry|filter/.test(name));
      assert.ok(names.length > 0);
      for (const name of names) {
        assert.deepEqual(spec(whole, name), spec(plain, name));
        assert.deepEqual(spec(single, name), spec(plain, name));
      }
    });

    it(`leave a preview that does not know them without a refusal, with ${enforcement}`, async () => {
      const labels = (): TargetArgs["matchLabels"] => ({ app: new k8s.core.v1.ConfigMap("later", {}).id });
      const recording = await recordProgram(
        () => {
          const targets = [withLabels(labels()), { ...web, name: "api", matchLabels: { app: "api" } }];
          new SigsciIstioIntegration("waf", { ...smallest, enforcement, targets });
        },
        { reads: defaultCluster, preview: true },
      );
      const unknown = recording.resources.filter(
        ({ name, inputs }) =>
          /waf-web-(policy|envoy-filter)/.test(name) &&
          JSON.stringify([inputs.spec]).includes(JSON.stringify(UNKNOWN)),
      );
      assert.equal(unknown.length, 1);
    });
  }

  it("are refused when there are none: that would be the whole namespace", async () => {
    const nothing =
      /targets\[0\]\.matchLabels.*no label is given, which would mean every workload of the namespace/;
    assert.match(await refusalOf({ targets: [withLabels(pulumi.output({}))] }), nothing);
    const missing = pulumi.output<Record<string, string> | undefined>(undefined);
    // What a Deployment without a selector would give; its type promises one.
    const undefinedLabels = missing as pulumi.Output<Record<string, string>>;
    assert.match(await refusalOf({ targets: [withLabels(undefinedLabels)] }), nothing);
  });

  it("are checked when they are known", async () => {
    const message = await refusalOf({ targets: [withLabels({ app: pulumi.output("a b") })] });
    assert.match(message, /targets\[0\]\.matchLabels\["app"\] = "?'?a b/);
  });

  it("are refused when they select the agent itself", async () => {
    const labels = { "app.kubernetes.io/name": "sigsci-agent" };
    const plain = await refusalOf({
      createNamespace: false,
      targets: [{ ...web, namespace: "sigsci", matchLabels: labels }],
    });
    assert.match(plain, /it also selects the agent's own pods/);
    const targets = [{ ...web, namespace: "sigsci", matchLabels: pulumi.output(labels) }];
    assert.equal(await refusalOf({ createNamespace: false, targets }), plain);
  });

  it("are refused when two targets of a component turn out to be the same", async () => {
    const plain = await refusalOf({ targets: [web, { ...web, name: "other" }] });
    const targets = [web, { ...web, name: "other", matchLabels: pulumi.output({ app: "web" }) }];
    assert.equal(await refusalOf({ targets }), plain);
  });

  it("are compared with those of a workload that gets the agent", async () => {
    const patch = (matchLabels: TargetArgs["matchLabels"]): Partial<SigsciIstioIntegrationArgs> =>
      withSidecar({ targets: [{ ...patched, matchLabels }] });
    const recording = await recordComponent(patch(pulumi.output({ app: "web" })), { reads });
    assert.ok(named(recording, "waf-web-workload"));
    const other = pulumi.output({ app: "api" });
    assert.match(
      await refusalOf(patch(other)),
      /the target's labels have app=api here, so its policy would not find/,
    );
  });

  for (const [later, earlier] of [
    ["second", "first"],
    ["first", "second"],
  ]) {
    it(`are refused when those of the ${later} component meet the ${earlier}'s`, async () => {
      const labels = (which: string): TargetArgs["matchLabels"] =>
        which === later ? pulumi.output({ app: "web" }) : { app: "web" };
      const { message } = await recordRefusal(() => {
        new SigsciIstioIntegration("waf", { ...smallest, targets: [withLabels(labels("first"))] });
        new SigsciIstioIntegration("pay", {
          ...smallest,
          namespace: "sigsci-pay",
          targets: [withLabels(labels("second"))],
        });
      });
      assert.match(
        message,
        /targets\[0\], web \(namespace shop, app=web\), may select proxies of target web/,
      );
    });
  }
});
