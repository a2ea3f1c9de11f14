import assert from "node:assert/strict";
import { Enforcement, Placement } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { notInspected } from "../../src/enforcement/notInspected";
import { integrationSettings } from "../../src/settings/integration";
import { argumentProblems } from "../../src/validation";
import { dependencies, named, recordComponent, smallest } from "./program";

const placement = Placement.NodeLocal;

/** Paths and reasons of the problems. */
function refusals(args: Partial<SigsciIstioIntegrationArgs>): [string, string][] {
  const problems = argumentProblems("waf", { ...smallest, placement, ...args });
  return problems.map(({ path, reason }) => [path, reason]);
}

describe("NodeLocal placement", () => {
  it("runs the agent as a DaemonSet, the same pods as the Deployment has", async () => {
    const [nodeLocal, service] = [await recordComponent({ placement }), await recordComponent()];
    const [daemonSet, deployment] = [named(nodeLocal, "waf-daemon-set"), named(service, "waf-deployment")];
    assert.equal(daemonSet.type, "kubernetes:apps/v1:DaemonSet");
    const spec = daemonSet.inputs.spec as Record<string, unknown>;
    const { template } = deployment.inputs.spec as Record<string, unknown>;
    assert.deepEqual(spec, {
      revisionHistoryLimit: 3,
      selector: { matchLabels: { app: "waf-agent" } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template,
    });
    assert.deepEqual(daemonSet.inputs.metadata, deployment.inputs.metadata);
  });

  it("keeps the requests of a proxy on its node, and changes nothing else about the Service", async () => {
    const [nodeLocal, service] = [await recordComponent({ placement }), await recordComponent()];
    const { inputs } = named(nodeLocal, "waf-service");
    const { inputs: elsewhere } = named(service, "waf-service");
    const spec = elsewhere.spec as Record<string, unknown>;
    assert.deepEqual(inputs, { ...elsewhere, spec: { ...spec, internalTrafficPolicy: "Local" } });
    assert.ok(!("internalTrafficPolicy" in spec));
  });

  it("has the same resources otherwise", async () => {
    const names = (recording: Awaited<ReturnType<typeof recordComponent>>): string[] =>
      recording.resources.map(({ name }) => name).sort();
    const expected = names(await recordComponent()).map((name) =>
      name === "waf-deployment" ? "waf-daemon-set" : name,
    );
    assert.deepEqual(names(await recordComponent({ placement })), expected.sort());
  });

  it("narrows the Service only when every node has its agent, and the mesh learns of it last", async () => {
    const recording = await recordComponent({ placement });
    const checked = ["waf-id", "waf-mesh-default-live"];
    assert.deepEqual(
      dependencies(recording, "waf-daemon-set"),
      [...checked, "waf-namespace", "waf-secret", "waf-service-account"].sort(),
    );
    assert.ok(dependencies(recording, "waf-service").includes("waf-daemon-set"));
    assert.deepEqual(
      dependencies(recording, "waf-mesh-default"),
      ["waf-daemon-set", ...checked, "waf-mesh-default-latest", "waf-service"].sort(),
    );
  });

  it("goes with EnvoyFilter enforcement, over the cluster of the Service", async () => {
    const recording = await recordComponent({ placement, enforcement: Enforcement.EnvoyFilter });
    const spec = JSON.stringify(named(recording, "waf-web-envoy-filter").inputs.spec);
    assert.match(spec, /outbound\|9999\|\|waf-agent\.sigsci\.svc\.cluster\.local/);
  });

  it("says that nodes without an agent are not inspected, when failing open", () => {
    const lines = (failOpen: boolean): string[] =>
      notInspected(integrationSettings("waf", { ...smallest, placement, inspection: { failOpen } }));
    const line = "requests to pods on a node without a ready agent";
    assert.ok(lines(true).includes(line));
    assert.ok(!lines(false).includes(line));
  });

  it("refuses replicas, and what only a sidecar has", () => {
    assert.deepEqual(refusals({ agent: { replicas: 1 } }), [
      ["agent.replicas", "with placement NodeLocal there is one agent on each node"],
    ]);
    const reason = "it has no effect with placement NodeLocal, where the agent runs in pods of its own";
    const target = { name: "web", namespace: "shop", matchLabels: { app: "web" }, workload: { name: "web" } };
    assert.deepEqual(refusals({ targets: [target] }), [["targets[0].workload", reason]]);
    assert.deepEqual(refusals({}), []);
  });
});
