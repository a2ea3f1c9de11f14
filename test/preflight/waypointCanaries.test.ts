import assert from "node:assert/strict";
import { TargetKind, TargetRefKind } from "../../src/args/targets";
import { workloads } from "../../src/preflight/checks/workloads";
import type { ClusterFacts } from "../../src/preflight/clusterFacts";
import type { KnownTarget } from "../../src/preflight/subject";
import { findings, namespace, object, subject } from "./objects";

const waypointTarget = (kind: TargetRefKind, ...names: string[]): KnownTarget => ({
  name: "waypoint",
  kind: TargetKind.Waypoint,
  namespace: "shop",
  targetRefs: names.map((name) => ({ kind, name })),
});
const primary = waypointTarget(TargetRefKind.Gateway, "waypoint");
const found = (facts: ClusterFacts, ...targets: KnownTarget[]): string[] =>
  findings([workloads], facts, subject({ targets })).map(({ where, message }) => `${where}: ${message}`);
const weightKey = "istio.io/use-waypoint-canary-weight";
const service = (labels: Record<string, string>, weight = "10"): ClusterFacts => ({
  services: [object("shop/web", {}, { labels, annotations: { [weightKey]: weight } })],
  namespaces: [
    namespace("shop", {
      "istio.io/use-waypoint": "waypoint",
      "istio.io/use-waypoint-canary": "of-namespace",
    }),
  ],
});

describe("preflight: a second waypoint beside the one that is a target", () => {
  it("is named when no target does", () => {
    assert.deepEqual(found(service({}), primary), [
      "Service shop/web: 10 % of its requests go through the waypoint shop/of-namespace (label " +
        "istio.io/use-waypoint-canary), which no target names: they would pass without inspection.",
    ]);
    assert.deepEqual(found(service({}), primary, waypointTarget(TargetRefKind.Gateway, "of-namespace")), []);
  });

  it("is that of the Service where it names its own waypoint, and may be in another namespace", () => {
    const second = (labels: Record<string, string>): (string | undefined)[] =>
      found(service(labels), primary).map((text) => /waypoint (\S+) /.exec(text)?.[1]);
    assert.deepEqual(second({ "istio.io/use-waypoint": "waypoint" }), []);
    assert.deepEqual(
      second({
        "istio.io/use-waypoint": "waypoint",
        "istio.io/use-waypoint-canary": "new",
        "istio.io/use-waypoint-canary-namespace": "edge",
      }),
      ["edge/new"],
    );
    assert.deepEqual(second({ "istio.io/use-waypoint-canary": "own" }), ["shop/own"]);
    assert.deepEqual(second({ "istio.io/use-waypoint-canary": "none" }), []);
    assert.deepEqual(second({ "istio.io/use-waypoint": "other", "istio.io/use-waypoint-canary": "new" }), []);
  });

  it("is left out by Istio without a share, or with one that is none", () => {
    for (const weight of ["0", "x", "101"]) {
      assert.deepEqual(found(service({}, weight), primary), [], weight);
    }
    const [web] = service({}, "10").services ?? [];
    const without = { ...service({}), services: [{ ...web, metadata: { name: "web", namespace: "shop" } }] };
    assert.deepEqual(found(without, primary), []);
    assert.match(
      found(service({}, "100"), primary).join(),
      /100 % of its requests go through the waypoint shop\/of-n/,
    );
  });

  it("may be the target itself, beside a first waypoint that is none", () => {
    assert.deepEqual(found(service({}, "10"), waypointTarget(TargetRefKind.Gateway, "of-namespace")), [
      "Service shop/web: 90 % of its requests go through the waypoint shop/waypoint (label istio.io/use-waypoint), " +
        "which no target names: they would pass without inspection.",
    ]);
  });

  it("is inspected by a policy that refers to the Service or to the class", () => {
    const byService = waypointTarget(TargetRefKind.Service, "web");
    assert.deepEqual(found(service({}), primary, byService), []);
    const byClass = {
      ...waypointTarget(TargetRefKind.GatewayClass, "istio-waypoint"),
      namespace: "istio-system",
    };
    assert.deepEqual(found(service({}), primary, byClass), []);
  });
});

describe("preflight: a proxy that is no Envoy", () => {
  const gateways = (gatewayClassName: string): ClusterFacts => ({
    gateways: [object("shop/waypoint", { gatewayClassName })],
  });

  it("is named by its class, of the Gateway or of the reference", () => {
    const facts = gateways("istio-agentgateway-waypoint");
    assert.deepEqual(found(facts, primary), [
      "target waypoint: Gateway waypoint runs agentgateway (class istio-agentgateway-waypoint), to which Istio gives " +
        "neither AuthorizationPolicies nor EnvoyFilters: its requests would pass without inspection.",
    ]);
    const byClass = waypointTarget(TargetRefKind.GatewayClass, "istio-agentgateway-waypoint");
    assert.match(found({}, byClass).join(), /GatewayClass istio-agentgateway-waypoint runs agentgateway/);
    assert.deepEqual(found(gateways("istio-waypoint"), primary), []);
  });
});
