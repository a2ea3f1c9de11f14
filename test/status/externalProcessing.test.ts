import assert from "node:assert/strict";
import { camelCased } from "../../src/kubernetes/externalChecks";
import { pod, policy, policyFilters, sidecarDump, type RecordedCluster } from "./recordedCluster";
import { cluster, cluster9999, dropped, envoyFilterWith, proxiesWith, reportOf, verdict } from "./verdict";

describe("pulumi-sigsci-istio status of external processing", () => {
  const executed = (filter: object, more: object = {}): object => ({
    action: { name: "execute", typed_config: { typed_config: filter, ...more } },
  });
  const processor = (request_body_mode: string, more: object = {}): object => ({
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      grpc_service: { envoy_grpc: { cluster_name: cluster9999 } },
      failure_mode_allow: true,
      processing_mode: { request_body_mode },
      ...more,
    },
  });
  const share = { sample_percent: { default_value: { numerator: 25 } } };
  const filter = (whole: object, webSocket: object, more: object = {}): object => ({
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      xds_matcher: {
        matcher_list: { matchers: [{ predicate: {}, on_match: executed(webSocket, more) }] },
        on_no_match: executed(whole, more),
      },
    },
  });
  const [whole, webSocket] = [processor("BUFFERED_PARTIAL"), processor("NONE")];
  const meant = (value: object, ...live: object[]): RecordedCluster =>
    cluster({
      extra: { authorizationpolicies: [], envoyfilters: [envoyFilterWith(value)] },
      ...proxiesWith(...live.map((one) => camelCased(one) as object)),
    });

  it("proves the processors that its filter chooses from", async () => {
    const value = filter(whole, webSocket);
    assert.deepEqual(await verdict(meant(value, value)), [0, "inspected", []]);
    const report = await reportOf(meant(value, value));
    const [row] = report.workloads;
    assert.deepEqual(
      [row?.enforcement, row?.requests, row?.failOpen, row?.agent],
      ["ExternalProcessing", "all requests", true, "sigsci-agent.sigsci.svc.cluster.local:9999"],
    );
    const drawn = filter(whole, webSocket, share);
    assert.equal((await reportOf(meant(drawn, drawn))).workloads[0]?.requests, "25 % of requests");
  });

  it("says when a proxy has none of them, or not as it is meant", async () => {
    const value = filter(whole, webSocket);
    assert.deepEqual(await verdict(meant(value)), [1, "notInspected", [dropped]]);
    const observing = processor("STREAMED", { observability_mode: true });
    const forgotten = meant(filter(observing, observing), value);
    assert.deepEqual(await verdict(forgotten), [1, "notInspected", [dropped]]);
    const closed = filter(processor("BUFFERED_PARTIAL", { failure_mode_allow: false }), webSocket);
    assert.deepEqual(await verdict(meant(value, closed)), [1, "notInspected", [dropped]]);
    const withoutShare = meant(filter(whole, webSocket, share), value);
    assert.deepEqual(await verdict(withoutShare), [1, "notInspected", [dropped]]);
  });

  it("tells an agent in the pod that serves it from one that was added for another enforcement", async () => {
    const name = "sigsci-agent-grpc-9999";
    const value = processor("STREAMED", { grpc_service: { envoy_grpc: { cluster_name: name } } });
    const dump = sidecarDump([camelCased(value) as object], { addresses: ["127.0.0.1"], name });
    const withAgent = (podName: string, variable: string): object =>
      pod(podName, "web", {
        spec: {
          containers: [{ name: "web" }, { name: "istio-proxy" }],
          initContainers: [{ name: "sigsci-agent", env: [{ name: variable }] }],
        },
        status: { initContainerStatuses: [{ name: "sigsci-agent", ready: true }] },
      });
    const recorded = cluster({
      proxies: { "web-7d9-a.shop": { dump }, "web-7d9-b.shop": { dump } },
      extra: {
        authorizationpolicies: [],
        envoyfilters: [envoyFilterWith(value)],
        pods: [
          withAgent("web-7d9-a", "SIGSCI_ENVOY_EXTPROC_ENABLED"),
          withAgent("web-7d9-b", "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA"),
        ],
      },
    });
    assert.deepEqual(await verdict(recorded), [
      1,
      "partly",
      [
        "agent-missing-in-pod | web-7d9-b | the agent in the pod is without SIGSCI_ENVOY_EXTPROC_ENABLED and does not serve " +
          "external processing, its requests pass uninspected",
      ],
    ]);
  });

  it("says when another enforcement of this package means the same workload", async () => {
    const value = filter(whole, webSocket);
    const filters = [...policyFilters("old-web"), camelCased(value) as object];
    const old = policy("web", "web") as { metadata: object };
    const both = cluster({
      extra: {
        authorizationpolicies: [{ ...old, metadata: { ...old.metadata, name: "old-web" } }],
        envoyfilters: [envoyFilterWith(value)],
      },
      ...proxiesWith(...filters),
    });
    assert.deepEqual(await verdict(both), [
      0,
      "inspected",
      [
        "two-enforcements | AuthorizationPolicy shop/old-web and EnvoyFilter shop/waf-web each ask an agent about its " +
          "requests",
      ],
    ]);
  });
});
