import assert from "node:assert/strict";
import { Enforcement, GrpcInspection, InspectionMode, TargetKind, TargetRefKind } from "../../src";
import type { SigsciIstioIntegrationArgs, TargetArgs } from "../../src";
import { targetCoverage } from "../../src/enforcement/targetCoverage";
import type { TargetCoverage } from "../../src/enforcement/targetCoverage";
import { integrationSettings } from "../../src/settings/integration";

const coverageOf = (
  target: Partial<TargetArgs>,
  args: Partial<SigsciIstioIntegrationArgs> = {},
  matchLabels?: Record<string, string>,
): TargetCoverage =>
  targetCoverage(
    integrationSettings("waf", { credentials: {}, targets: [], ...args }),
    { name: "t", namespace: "later", ...target },
    { namespace: "shop", agentHost: "waf-agent.sigsci", ...(matchLabels && { matchLabels }) },
  );

const requestsOf = (conditions: object): string[] => coverageOf(conditions).requests;

describe("targetCoverage", () => {
  it("says who, that every request is inspected, and how", () => {
    assert.deepEqual(coverageOf({ name: "storefront" }, {}, { app: "web" }), {
      name: "storefront",
      kind: "Workload",
      namespace: "shop",
      matchLabels: { app: "web" },
      targetRefs: [],
      requests: ["every request"],
      percent: 100,
      enforcement: "AuthorizationPolicy",
      provider: "waf-ext-authz",
      agentHost: "waf-agent.sigsci",
      mode: "Block",
      failOpen: true,
    });
  });

  it("says of EnvoyFilters the share, the paths that are left out everywhere, and no provider", () => {
    const enforcement = Enforcement.EnvoyFilter;
    const envoyFilter = { rolloutPercent: 12.5, excludedPaths: ["/healthz", "/static/*"] };
    const inspection = { failOpen: false };
    const edge = { kind: TargetKind.Gateway, targetRefs: [{ kind: TargetRefKind.Gateway, name: "edge" }] };
    assert.deepEqual(coverageOf({ ...edge, paths: ["/api"] }, { enforcement, envoyFilter, inspection }), {
      name: "t",
      kind: "Gateway",
      namespace: "shop",
      matchLabels: {},
      targetRefs: ["Gateway/edge"],
      requests: ["paths /api; except paths /healthz, /static/*"],
      percent: 12.5,
      enforcement: "EnvoyFilter",
      agentHost: "waf-agent.sigsci",
      mode: "Block",
      failOpen: false,
    });
    assert.equal(coverageOf({}, { enforcement }).percent, 100);
  });

  for (const enforcement of Object.values(Enforcement)) {
    it(`says that nothing is inspected in teardown, with ${enforcement}`, () => {
      assert.equal(coverageOf({}, { enforcement, teardown: true }).percent, 0);
    });
  }

  it("says the mode of the target, before that of the component, and until when it observes", () => {
    const inspection = { mode: InspectionMode.Observe, observeUntil: "2027-01-31" };
    const shown = (target: Partial<TargetArgs>): unknown[] => {
      const { mode, observeUntil } = coverageOf(target, { inspection });
      return [mode, observeUntil];
    };
    assert.deepEqual(shown({}), ["Observe", "2027-01-31"]);
    assert.deepEqual(shown({ observeUntil: "2027-02-28" }), ["Observe", "2027-02-28"]);
    assert.deepEqual(shown({ mode: InspectionMode.Block }), ["Block", undefined]);
    assert.equal(coverageOf({ mode: InspectionMode.Observe }).mode, "Observe");
  });

  it("says that gRPC is left out where it is", () => {
    const requests = (grpc: GrpcInspection): string[] =>
      coverageOf({ grpcPorts: [9000, 9001] }, { enforcement: Enforcement.EnvoyFilter, envoyFilter: { grpc } })
        .requests;
    assert.deepEqual(requests(GrpcInspection.None), ["except gRPC to ports 9000, 9001"]);
    assert.deepEqual(requests(GrpcInspection.HeadersOnly), ["every request"]);
  });

  it("takes no settings of EnvoyFilters for those of policies", () => {
    const { percent, requests } = coverageOf(
      {},
      { envoyFilter: { rolloutPercent: 5, excludedPaths: ["/a"] } },
    );
    assert.deepEqual([percent, requests], [100, ["every request"]]);
  });

  it("puts every condition into words", () => {
    assert.deepEqual(
      requestsOf({
        paths: ["/a", "/b"],
        notPaths: ["/c"],
        methods: ["GET"],
        notMethods: ["POST"],
        hosts: ["h"],
        notHosts: ["i"],
        ports: [80, 81],
        notPorts: [82],
        ipBlocks: ["10.0.0.0/8"],
        notIpBlocks: ["10.0.0.1"],
        remoteIpBlocks: ["192.0.2.0/24"],
        notRemoteIpBlocks: ["192.0.2.1"],
        headers: [
          { name: "x-a", values: ["1", "2"] },
          { name: "x-b", notValues: ["3"] },
          { name: "x-c", values: ["*"], notValues: ["4"] },
        ],
      }),
      [
        "paths /a, /b; except paths /c; methods GET; except methods POST; hosts h; except hosts i; ports 80, 81; " +
          "except ports 82; from 10.0.0.0/8; not from 10.0.0.1; client in 192.0.2.0/24; client not in 192.0.2.1; " +
          "header x-a is 1, 2; header x-b is not 3; header x-c is * is not 4",
      ],
    );
  });

  it("has one line for each rule", () => {
    assert.deepEqual(requestsOf({ rules: [{ paths: ["/a"] }, {}] }), ["paths /a", "every request"]);
  });
});
