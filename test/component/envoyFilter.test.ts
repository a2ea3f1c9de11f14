import assert from "node:assert/strict";
import { Enforcement, GrpcInspection, TargetKind, TargetRefKind } from "../../src";
import { reveal } from "../../src/offline/recording";
import { argumentProblems } from "../../src/validation";
import { dependencies, named, recordComponent, smallest } from "./program";

const enforcement = Enforcement.EnvoyFilter;

const other = { name: "other", namespace: "shop", matchLabels: { app: "other" } };

const specText = async (name: string, args: Parameters<typeof recordComponent>[0]): Promise<string> =>
  JSON.stringify(reveal(named(await recordComponent({ enforcement, ...args }), name).inputs.spec));

describe("a component with EnvoyFilter enforcement", () => {
  it("leaves the mesh configuration alone and adds a filter for each target once the agent is there", async () => {
    const recording = await recordComponent({ enforcement });
    assert.deepEqual(recording.resources.map(({ name }) => name).sort(), [
      "waf",
      "waf-deployment",
      "waf-id",
      "waf-namespace",
      "waf-secret",
      "waf-service",
      "waf-service-account",
      "waf-web-envoy-filter",
    ]);
    assert.deepEqual(dependencies(recording, "waf-web-envoy-filter"), ["waf-deployment", "waf-service"]);
    const { apiVersion, kind, metadata } = named(recording, "waf-web-envoy-filter").inputs;
    assert.deepEqual([apiVersion, kind], ["networking.istio.io/v1alpha3", "EnvoyFilter"]);
    assert.deepEqual(reveal(metadata), {
      name: "waf-web",
      namespace: "shop",
      labels: {
        "app.kubernetes.io/name": "sigsci-agent",
        "app.kubernetes.io/instance": "waf-agent",
        "app.kubernetes.io/part-of": "sigsci-istio",
        "app.kubernetes.io/managed-by": "pulumi",
      },
      annotations: {
        "pulumi-sigsci-istio/component": "waf",
        "pulumi-sigsci-istio/target": "web",
        "envoyfilter.istio.io/referenced-services": "sigsci/waf-agent.sigsci.svc.cluster.local",
      },
    });
  });

  it("asks the agent over Istio's own cluster", async () => {
    const spec = await specText("waf-web-envoy-filter", {});
    assert.ok(spec.includes('"cluster_name":"outbound|9999||waf-agent.sigsci.svc.cluster.local"'));
    assert.ok(spec.includes('"workloadSelector":{"labels":{"app":"web"}}'));
    assert.ok(!spec.includes('"CLUSTER"'));
  });

  it("has outputs that say so", async () => {
    const { outputs } = named(await recordComponent({ enforcement }), "waf");
    assert.deepEqual(outputs.envoyFilters, ["shop/waf-web"]);
    assert.deepEqual(outputs.extensionProviders, []);
    assert.deepEqual(outputs.authorizationPolicies, []);
    assert.deepEqual(outputs.meshConfigMaps, []);
    assert.equal(outputs.extAuthzProviderName, undefined);
  });

  it("filters a gateway in the context of gateways", async () => {
    const edge = {
      name: "edge",
      namespace: "infra",
      kind: TargetKind.Gateway,
      targetRefs: [{ kind: TargetRefKind.Gateway, name: "edge" }],
    };
    const spec = await specText("waf-edge-envoy-filter", { targets: [edge] });
    assert.ok(spec.includes('"context":"GATEWAY"') && !spec.includes("SIDECAR_INBOUND"));
  });

  it("has no filter in teardown", async () => {
    const recording = await recordComponent({ enforcement, teardown: true });
    assert.ok(recording.resources.every(({ type }) => !type.endsWith(":EnvoyFilter")));
  });

  it("refuses a waypoint, and settings that cannot take effect", () => {
    const refused = (args: object): string[] =>
      argumentProblems("waf", { ...smallest, ...args }).map(({ path, reason }) => `${path}: ${reason}`);
    const waypoint = {
      name: "way",
      namespace: "shop",
      kind: TargetKind.Waypoint,
      targetRefs: [{ kind: TargetRefKind.Service, name: "web" }],
    };
    assert.deepEqual(refused({ enforcement, targets: [waypoint] }), [
      "targets[0].kind: Istio ignores an EnvoyFilter for a waypoint without an error, so nothing would be inspected",
    ]);
    assert.deepEqual(refused({ envoyFilter: { rolloutPercent: 10 } }), [
      "envoyFilter: it has no effect with enforcement AuthorizationPolicy",
    ]);
    assert.equal(refused({ enforcement, envoyFilter: { rolloutPercent: 101 } }).length, 1);
    assert.equal(refused({ enforcement, envoyFilter: { guideCompatible: true } }).length, 1);
  });

  it("has ports for gRPC by target, and refuses what would tell gRPC apart without any", async () => {
    const [web] = smallest.targets;
    const targets = [{ ...web, name: "web", namespace: "shop", grpcPorts: [9000] }, other];
    assert.match(await specText("waf-web-envoy-filter", { targets }), /"destination_port":9000/);
    assert.doesNotMatch(await specText("waf-other-envoy-filter", { targets }), /destination_port/);
    const refused = (args: object): [string, string][] =>
      argumentProblems("waf", { ...smallest, ...args }).map(({ path, reason }) => [path, reason]);
    assert.deepEqual(refused({ enforcement, targets, envoyFilter: { grpc: GrpcInspection.None } }), []);
    assert.deepEqual(refused({ enforcement, envoyFilter: { grpc: GrpcInspection.HeadersOnly } }), [
      ["envoyFilter.grpc", "it is for the ports in targets[].grpcPorts, and no target has any"],
    ]);
    assert.deepEqual(refused({ targets }), [
      [
        "targets[0].grpcPorts",
        "an AuthorizationPolicy checks every port of a workload in the same way, bodies included",
      ],
    ]);
  });

  it("takes hosts by their end, which a policy cannot do whatever port follows", () => {
    const target = { name: "web", namespace: "shop" };
    const hosts = ["shop.example.com", "*.example.com"];
    const reason =
      "Istio's patterns cannot say that a port may follow, so a client that sends one would pass uninspected";
    const refused = (args: object): [string, string][] =>
      argumentProblems("waf", { ...smallest, ...args }).map((problem) => [problem.path, problem.reason]);
    assert.deepEqual(refused({ enforcement, targets: [{ ...target, hosts }] }), []);
    assert.deepEqual(refused({ targets: [{ ...target, hosts }] }), [["targets[0].hosts[1]", reason]]);
    assert.deepEqual(refused({ targets: [{ ...target, rules: [{}, { hosts }] }] }), [
      ["targets[0].rules[1].hosts[1]", reason],
    ]);
    assert.deepEqual(refused({ targets: [{ ...target, hosts: ["*"], notHosts: hosts }] }), []);
  });
});
