import assert from "node:assert/strict";
import { objectsIn } from "../../src/render/clusterObjects";
import type { Way } from "../../src/render/policyReferences";
import { findWorkloads } from "../../src/render/workloads";

type Texts = Record<string, string>;
const use = "istio.io/use-waypoint";
const ambient = { "istio.io/dataplane-mode": "ambient" };
const gatewayApi = "gateway.networking.k8s.io/v1";

function object(apiVersion: string, kind: string, name: string, labels: Texts, spec: object = {}): object {
  return { apiVersion, kind, metadata: { name, namespace: "shop", labels }, spec };
}
const namespace = (labels: Texts): object => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "shop", labels: { ...ambient, ...labels } },
});
const deployment = (labels: Texts = {}): object =>
  object(
    "apps/v1",
    "Deployment",
    "web",
    {},
    { template: { metadata: { labels: { app: "web", ...labels } } } },
  );
const service = (name: string, labels: Texts = {}, spec: object = {}): object =>
  object("v1", "Service", name, labels, { selector: { app: "web" }, ...spec });
const gateway = (name: string, labels: Texts = {}, spec: object = {}): object =>
  object(gatewayApi, "Gateway", name, labels, { gatewayClassName: "istio-waypoint", ...spec });

function ways(...objects: object[]): Way[] {
  return findWorkloads(objectsIn(objects, "a.yaml"), "default").workloads.flatMap((one) => one.ways);
}
/** Each way as `through: references`, with the share where it is not all. */
function texts(...objects: object[]): string[] {
  return ways(...objects).map(
    ({ through = "", percent, references }) =>
      `${through}${percent < 100 ? ` ${percent} %` : ""}: ${references.join(", ")}`,
  );
}
const direct = "the pods' own addresses: ";
const through = (name: string, waypoint = "shop/w"): string =>
  `Service ${name}: Gateway ${waypoint}, GatewayClass istio-waypoint, Service shop/${name}`;

describe("the ways to a workload in ambient mode", () => {
  it("go through the waypoint of the namespace for Services only, where it is not for workloads", () => {
    const inherited = [namespace({ [use]: "w" }), deployment()];
    const own = `${direct}Gateway shop/w, GatewayClass istio-waypoint`;
    assert.deepEqual(texts(...inherited), [direct]);
    assert.deepEqual(texts(...inherited, gateway("w")), [direct]);
    assert.deepEqual(texts(...inherited, service("a"), gateway("w")), [through("a"), direct]);
    const For = (traffic: string): object => gateway("w", { "istio.io/waypoint-for": traffic });
    assert.deepEqual(texts(...inherited, service("a"), For("all")), [through("a"), own]);
    assert.deepEqual(texts(...inherited, service("a"), For("workload")), ["Service a: ", own]);
    assert.deepEqual(texts(...inherited, service("a"), For("none")), ["Service a: ", direct]);
  });

  it("take the kind of traffic from the GatewayClass where the Gateway says nothing", () => {
    const labels = { "istio.io/waypoint-for": "workload" };
    const gatewayClass = {
      apiVersion: gatewayApi,
      kind: "GatewayClass",
      metadata: { name: "istio-waypoint", labels },
    };
    const given = [namespace({ [use]: "w" }), deployment(), service("a"), gatewayClass];
    assert.deepEqual(texts(...given, gateway("w"))[0], "Service a: ");
    assert.deepEqual(texts(...given, gateway("w", { "istio.io/waypoint-for": "service" }))[0], through("a"));
  });

  it("are those of each Service, which may leave the waypoint of the namespace", () => {
    const given = [namespace({ [use]: "w" }), deployment(), gateway("w"), gateway("v")];
    const services = [service("a"), service("b", { [use]: "none" }), service("c", { [use]: "v" })];
    const others = [
      service("headless", {}, { clusterIP: "None" }),
      service("other", {}, { selector: { app: "b" } }),
    ];
    assert.deepEqual(texts(...given, ...services, ...others, service("all", {}, { selector: {} })), [
      through("a"),
      "Service b: ",
      through("c", "shop/v"),
      direct,
    ]);
  });

  it("go through the waypoint that the pod names, where that is for workloads", () => {
    const all = { "istio.io/waypoint-for": "all" };
    const own = (name: string): string[] =>
      texts(namespace({ [use]: "w" }), deployment({ [use]: name }), gateway("w", all), gateway("mine", all));
    assert.deepEqual(own("mine"), [`${direct}Gateway shop/mine, GatewayClass istio-waypoint`]);
    assert.deepEqual(own("none"), [direct]);
    assert.deepEqual(own(""), [direct]);
  });

  it("lead to another namespace where the Gateway there allows it", () => {
    const labels = { [use]: "w", [`${use}-namespace`]: "infra", team: "a" };
    const first = (allowedRoutes?: object): string | undefined => {
      const listeners = [{ name: "mesh", protocol: "HBONE", port: 15008, allowedRoutes }];
      const other = {
        apiVersion: gatewayApi,
        kind: "Gateway",
        metadata: { name: "w", namespace: "infra" },
        spec: { gatewayClassName: "istio-waypoint", listeners },
      };
      return texts(namespace(labels), deployment(), service("a"), other)[0];
    };
    const select = (team: string): object => ({
      namespaces: {
        from: "Selector",
        selector: { matchLabels: { team, "kubernetes.io/metadata.name": "shop" } },
      },
    });
    assert.equal(first({ namespaces: { from: "All" } }), through("a", "infra/w"));
    assert.equal(first(select("a")), through("a", "infra/w"));
    for (const refusing of [undefined, { namespaces: { from: "Same" } }, select("b")]) {
      assert.equal(first(refusing), "Service a: ");
    }
  });

  it("have no policies where the waypoint is no Envoy, and name the class of another", () => {
    const given = [namespace({ [use]: "w" }), deployment(), service("a")];
    const ofClass = (gatewayClassName: string): string | undefined =>
      texts(...given, gateway("w", {}, { gatewayClassName }))[0];
    assert.equal(ofClass("istio-agentgateway-waypoint"), "Service a: ");
    assert.equal(ofClass("other"), "Service a: Gateway shop/w, GatewayClass other, Service shop/a");
  });

  it("say where a Gateway is not given", () => {
    const given = [namespace({ [use]: "w" }), deployment(), service("a")];
    const unseen = (...objects: object[]): unknown[] => ways(...given, ...objects).map((way) => way.unseen);
    assert.deepEqual(unseen(), ["shop/w", undefined]);
    assert.deepEqual(unseen(gateway("w")), [undefined, undefined]);
  });

  it("are shared by a canary waypoint", () => {
    const weighted = (weight?: string): string[] => {
      const metadata = {
        name: "a",
        namespace: "shop",
        labels: { [use]: "w", [`${use}-canary`]: "new" },
        annotations: weight === undefined ? {} : { [`${use}-canary-weight`]: weight },
      };
      const one = { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: "web" } } };
      return texts(namespace({}), deployment(), one).slice(0, -1);
    };
    const share = (name: string, percent: number): string =>
      through("a", `shop/${name}`).replace("Service a:", `Service a ${percent} %:`);
    assert.deepEqual(weighted("10"), [share("w", 90), share("new", 10)]);
    assert.deepEqual(weighted("100"), [through("a", "shop/new")]);
    for (const nothing of [undefined, "0", "x", "101", "-1", "1.5"]) {
      assert.deepEqual(weighted(nothing), [through("a")], nothing);
    }
  });
});
