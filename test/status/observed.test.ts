import assert from "node:assert/strict";
import { shadowSpec } from "../../src/enforcement/envoyFilter/shadowSpec";
import { policy, policyFilters, runStatus, type RecordedCluster } from "./recordedCluster";
import { cluster, cluster9999, dropped, envoyFilterWith, proxiesWith, reportOf, verdict } from "./verdict";

/** The filters of Istio for a policy, with the shadow mode that an EnvoyFilter beside it merges. */
const shadowed = policyFilters("waf-web").map((filter) => {
  const { name, typedConfig } = filter as { name: string; typedConfig: object };
  return name === "envoy.filters.http.ext_authz"
    ? { name, typedConfig: { ...typedConfig, shadowMode: true } }
    : filter;
});
const shadow = {
  metadata: { ...(policy("web", "web") as { metadata: object }).metadata, name: "waf-web-observe-0" },
  spec: shadowSpec({ labels: { app: "web" } }),
};
const observedBy = (filters: object[]): RecordedCluster =>
  cluster({ extra: { envoyfilters: [shadow] }, ...proxiesWith(...filters) });

describe("pulumi-sigsci-istio status of what is observed", () => {
  it("says so of the target and of the workload, which is never called inspected", async () => {
    const report = await reportOf(observedBy(shadowed));
    assert.deepEqual(
      [report.exitCode, report.targets.map(({ status, observed }) => [status, observed])],
      [0, [["inspected", true]]],
    );
    assert.deepEqual(
      report.workloads.map(({ observed, failOpen, findings }) => [observed, failOpen, findings]),
      [[true, true, []]],
    );
    const { out } = await runStatus(observedBy(shadowed), ["status"], 200);
    assert.match(out, /0 of 1 target inspected, 1 observed, not blocked/);
    assert.match(out, /waf\/web .*observed, not blocked\n/);
    assert.match(out, /shop\/web .*observed, not blocked: all requests, by AuthorizationPolicy, fails open/);
  });

  it("finds that a proxy blocks what is to be observed", async () => {
    const text =
      "its proxy blocks what is to be observed: an istiod or a proxy before 1.31 does not know the shadow mode";
    assert.deepEqual(await verdict(observedBy(policyFilters("waf-web"))), [
      1,
      "notInspected",
      [`filter-dropped | ${text}`],
    ]);
    const check = {
      name: "envoy.filters.http.ext_authz",
      typed_config: { grpc_service: { envoy_grpc: { cluster_name: cluster9999 } } },
    };
    const meant = { ...check, typed_config: { ...check.typed_config, shadow_mode: true } };
    const extra = { authorizationpolicies: [], envoyfilters: [envoyFilterWith(meant)] };
    const live = { grpcService: { envoyGrpc: { clusterName: cluster9999 } } };
    const without = cluster({ extra, ...proxiesWith({ name: check.name, typedConfig: live }) });
    assert.deepEqual(await verdict(without), [1, "notInspected", [dropped]]);
    const withShadow = { name: check.name, typedConfig: { ...live, shadowMode: true } };
    const report = await reportOf(cluster({ extra, ...proxiesWith(withShadow) }));
    assert.deepEqual(
      report.workloads.map(({ status, observed, failOpen }) => [status, observed, failOpen]),
      [["inspected", true, true]],
    );
  });

  it("says it of what the proxy does, also where nobody of us meant it", async () => {
    const [row] = (await reportOf(cluster(proxiesWith(...shadowed)))).workloads;
    assert.equal(row?.observed, true);
  });
});
