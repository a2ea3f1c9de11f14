import assert from "node:assert/strict";
import { parse } from "yaml";
import { Enforcement, Placement } from "../../../src/args/integration";
import { PreflightCheck } from "../../../src/args/preflight";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import { trafficPolicy } from "../../../src/preflight/checks/trafficPolicy";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import { agentHost, editedText, findings, object, storefront, subject } from "../objects";

const withMesh = (defaultTrafficPolicy: object): { meshes: { id: string; text: string }[] } => ({
  meshes: [
    {
      id: "istio-system/istio",
      text: `${editedText}defaultTrafficPolicy: ${JSON.stringify(defaultTrafficPolicy)}\n`,
    },
  ],
});
const rule = (id: string, policy: object, host = agentHost): LiveObject =>
  object(id, { host, trafficPolicy: policy });
const messages = (facts: ClusterFacts, changes = {}): string[] =>
  findings([trafficPolicy], facts, subject(changes)).map(({ message }) => message);
const pool = { connectionPool: { http: { http2MaxRequests: 100, http1MaxPendingRequests: 0 } } };
const ejecting = { outlierDetection: {} };

describe("preflight: limits of the agent's cluster", () => {
  it("warns of those that the mesh configuration gives to every cluster", () => {
    const remedy =
      `Add a DestinationRule for ${agentHost} in namespace sigsci:\n` +
      "      trafficPolicy:\n" +
      "        connectionPool: { http: { http2MaxRequests: 65536 } }\n" +
      "        outlierDetection: { consecutive5xxErrors: 0 }";
    const found = {
      check: PreflightCheck.TrafficPolicy,
      severity: "warning",
      where: "target storefront",
      remedy,
    };
    assert.deepEqual(findings([trafficPolicy], {}, subject(withMesh({ ...pool, ...ejecting }))), [
      {
        ...found,
        message:
          "defaultTrafficPolicy in ConfigMap istio-system/istio limits how many checks a proxy has under way at the " +
          "agent (http2MaxRequests: 100). For each request over the limit the agent counts as away: requests would " +
          "pass without inspection.",
      },
      {
        ...found,
        message:
          "defaultTrafficPolicy in ConfigMap istio-system/istio takes an agent out of use after 5 failed checks in a " +
          "row (outlierDetection). Where it was the only one: requests would pass without inspection.",
      },
    ]);
    assert.deepEqual(messages({}, { ...withMesh({}), failOpen: false }), []);
  });

  it("lets a block of a DestinationRule replace the mesh's, and the settings of a port the rule's", () => {
    const mesh = withMesh({ ...pool, ...ejecting });
    const of = (policy: object): string[] =>
      messages({ destinationRules: [rule("sigsci/waf", policy)] }, mesh).map((one) => one.slice(0, 30));
    const own = {
      connectionPool: { http: { http2MaxRequests: 7 } },
      outlierDetection: { consecutive5xxErrors: 0 },
    };
    assert.deepEqual(of(own), ["DestinationRule sigsci/waf lim"]);
    assert.deepEqual(of({ outlierDetection: { consecutive5xxErrors: 0 } }), [
      "defaultTrafficPolicy in Config",
    ]);
    assert.deepEqual(
      of({ ...own, portLevelSettings: [{ port: { number: 9999 }, connectionPool: { tcp: {} } }] }),
      ["defaultTrafficPolicy in Config"],
    );
    assert.deepEqual(of({ ...own, connectionPool: { tcp: {} } }), []);
  });

  for (const [outlierDetection, count] of [
    [{ consecutive5xxErrors: 3 }, 3],
    [{ consecutive5xxErrors: 0, consecutiveGatewayErrors: 2 }, 2],
    [{ consecutive5xxErrors: 0, consecutiveLocalOriginFailures: 4 }, 4],
    [{ baseEjectionTime: "30s" }, 5],
    [{ consecutive5xxErrors: 0, consecutiveGatewayErrors: 0 }, undefined],
  ] as const) {
    it(`reads ${JSON.stringify(outlierDetection)} as ${count ?? "no"} failed checks`, () => {
      const [message] = messages({ destinationRules: [rule("shop/all", { outlierDetection }, "*.local")] });
      assert.equal(
        /after (\d+) failed/.exec(message ?? "")?.[1],
        count === undefined ? undefined : String(count),
      );
    });
  }

  it("names the targets of a rule together, and a place that comes before it", () => {
    const targets = [storefront, { name: "pay", namespace: "pay" }, { ...storefront, name: "api" }];
    const facts = { destinationRules: [rule("shop/all", ejecting, "*.local")] };
    const [found, ...more] = findings([trafficPolicy], facts, subject({ targets }));
    assert.deepEqual([found?.where, more], ["targets storefront, api", []]);
    assert.match(found?.remedy ?? "", /^Add .* in namespace shop, whose rules come first:\n/);
  });

  it("is content once its advice is followed, in the rule itself where it is for the agent's host", () => {
    const mesh = withMesh({ ...pool, ...ejecting });
    const facts = { destinationRules: [rule("sigsci/waf", pool)] };
    const [found] = findings([trafficPolicy], facts, subject(mesh));
    assert.match(found?.remedy ?? "", /^Change that DestinationRule:\n/);
    const advised = parse(found?.remedy.split("\n").slice(1).join("\n") ?? "") as { trafficPolicy: object };
    assert.deepEqual(messages({ destinationRules: [rule("sigsci/waf", advised.trafficPolicy)] }, mesh), []);
  });

  it("leaves out the agent in the pod with an EnvoyFilter, whose cluster is its own", () => {
    const mesh = withMesh(ejecting);
    const inPod = { ...mesh, placement: Placement.Sidecar };
    assert.equal(messages({}, inPod).length, 1);
    assert.deepEqual(messages({}, { ...inPod, enforcement: Enforcement.EnvoyFilter }), []);
  });
});
