import assert from "node:assert/strict";
import * as random from "@pulumi/random";
import { Enforcement, SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { recordProgram } from "../../src/offline/recording";
import { cluster, defaultCluster, dependencies, meshText, named, recordComponent, smallest } from "./program";

const agent = ["waf-deployment", "waf-service"];
const checked = ["waf-id", "waf-mesh-default-live"];
const twoMeshes = cluster({
  "istio-system/istio": { text: meshText },
  "istio-system/istio-canary": { text: meshText },
});

describe("the order of creation", () => {
  it("is: read the mesh, agent, mesh configuration, policies", async () => {
    const recording = await recordComponent({ agent: { networkPolicy: {} } });
    const order = (name: string): string[] => dependencies(recording, name);
    assert.deepEqual(order("waf-mesh-default-live"), []);
    assert.deepEqual(order("waf-namespace"), checked);
    for (const name of ["waf-secret", "waf-service", "waf-service-account", "waf-network-policy"]) {
      assert.deepEqual(order(name), [...checked, "waf-namespace"], name);
    }
    const before = [
      "waf-namespace",
      "waf-network-policy",
      "waf-secret",
      "waf-service",
      "waf-service-account",
    ];
    assert.deepEqual(order("waf-deployment"), [...checked, ...before].sort());
    assert.deepEqual(order("waf-mesh-default-latest"), []);
    assert.deepEqual(order("waf-mesh-default"), [...agent, ...checked, "waf-mesh-default-latest"].sort());
    for (const name of ["waf-web-policy", "waf-web-telemetry"]) {
      assert.deepEqual(order(name), [...checked, "waf-mesh-default"].sort(), name);
    }
  });

  it("lets nothing be created before the mesh was read, also without a namespace and a Secret", async () => {
    const recording = await recordComponent({
      createNamespace: false,
      credentials: { existingSecret: { name: "own-keys" } },
      agent: { replicas: 2, expectResponseData: false, serviceAccountName: "own" },
    });
    for (const name of ["waf-service", "waf-pod-disruption-budget"]) {
      assert.deepEqual(dependencies(recording, name), checked, name);
    }
    assert.deepEqual(dependencies(recording, "waf-deployment"), [...checked, "waf-service"]);
  });

  it("waits for what the arguments come from, since they are checked first", async () => {
    const recording = await recordProgram(
      () => {
        const version = new random.RandomId("version", { byteLength: 4 }).hex.apply(() => "4.84.0");
        new SigsciIstioIntegration("waf", { ...smallest, agent: { image: { version } } });
      },
      { reads: defaultCluster },
    );
    assert.deepEqual(dependencies(recording, "waf-namespace"), ["version", ...checked]);
    assert.deepEqual(dependencies(recording, "waf-service"), ["version", ...checked, "waf-namespace"]);
  });

  it("has every policy wait for the patch of every revision", async () => {
    const targets = [
      { name: "web", namespace: "shop", matchLabels: { app: "web" } },
      { name: "all", namespace: "pay" },
    ];
    const args = { targets, mesh: { revisions: ["default", "canary"] } };
    const recording = await recordComponent(args, { reads: twoMeshes });
    const patches = ["waf-mesh-canary", "waf-mesh-default"];
    const live = ["waf-id", "waf-mesh-canary-live", "waf-mesh-default-live"];
    for (const name of ["waf-web-policy", "waf-all-policy", "waf-web-telemetry", "waf-all-telemetry"]) {
      assert.deepEqual(dependencies(recording, name), [...live, ...patches].sort(), name);
    }
    for (const name of patches) {
      const waited = [...live, ...agent, `${name}-latest`].sort();
      assert.deepEqual(dependencies(recording, name), waited, name);
    }
    assert.deepEqual(dependencies(recording, "waf-namespace"), live);
  });
});

describe("what comes last", () => {
  const waiting = async (args: Partial<SigsciIstioIntegrationArgs>): Promise<string[]> => {
    const recording = await recordProgram(
      () => {
        const waf = new SigsciIstioIntegration("waf", { ...smallest, ...args });
        new random.RandomId("after", { byteLength: 4, keepers: { all: waf.notInspected.apply(String) } });
      },
      { reads: defaultCluster },
    );
    return dependencies(recording, "after");
  };

  it("is the output `notInspected`: it is told when the mesh and the policies are written", async () => {
    const found = await waiting({});
    for (const name of ["waf-mesh-default", "waf-web-policy"]) {
      assert.ok(found.includes(name), `${name} in ${found.join(", ")}`);
    }
  });

  it("is the same output with EnvoyFilters, after all of them", async () => {
    const targets = ["web", "api"].map((name) => ({ name, namespace: "shop", matchLabels: { app: name } }));
    const found = await waiting({ enforcement: Enforcement.EnvoyFilter, targets });
    for (const name of ["waf-web-envoy-filter", "waf-api-envoy-filter"]) {
      assert.ok(found.includes(name), `${name} in ${found.join(", ")}`);
    }
  });

  it("is the same output in a teardown, after the entries have left the mesh", async () => {
    assert.ok((await waiting({ teardown: true })).includes("waf-mesh-default"));
  });
});

describe("the order of a teardown", () => {
  it("makes the policies ineffective before the entries leave the mesh", async () => {
    const recording = await recordComponent({ teardown: true });
    assert.deepEqual(dependencies(recording, "waf-web-policy"), checked);
    assert.deepEqual(
      dependencies(recording, "waf-mesh-default"),
      [...agent, ...checked, "waf-mesh-default-latest", "waf-web-policy"].sort(),
    );
    assert.deepEqual(named(recording, "waf-web-policy").inputs.spec, {
      action: "AUDIT",
      selector: { matchLabels: { app: "web" } },
    });
  });

  it("keeps the agent and every logical name, and has no Telemetry", async () => {
    const before = await recordComponent();
    const after = await recordComponent({ teardown: true });
    const names = (recording: typeof before): string[] => recording.resources.map(({ name }) => name).sort();
    assert.deepEqual(
      names(after),
      names(before).filter((name) => name !== "waf-web-telemetry"),
    );
    assert.deepEqual(named(after, "waf-deployment").inputs, named(before, "waf-deployment").inputs);
    assert.deepEqual(named(after, "waf").outputs.telemetries, []);
    assert.deepEqual(named(after, "waf").outputs.authorizationPolicies, ["shop/waf-web"]);
  });
});
