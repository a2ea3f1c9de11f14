import assert from "node:assert/strict";
import { shadowSpec } from "../../../src/enforcement/envoyFilter/shadowSpec";
import { extAuthzType } from "../../../src/enforcement/envoyFilter/extAuthz";
import { shadowName } from "../../../src/enforcement/registerShadows";

const name = "envoy.filters.http.ext_authz";
const patches = ["SIDECAR_INBOUND", "GATEWAY"].flatMap((context) => [
  {
    applyTo: "HTTP_FILTER",
    match: {
      context,
      listener: {
        filterChain: {
          filter: { name: "envoy.filters.network.http_connection_manager", subFilter: { name } },
        },
      },
    },
    patch: {
      operation: "MERGE",
      value: { name, typed_config: { "@type": extAuthzType, shadow_mode: true } },
    },
  },
  {
    applyTo: "NETWORK_FILTER",
    match: { context, listener: { filterChain: { filter: { name: "envoy.filters.network.ext_authz" } } } },
    patch: { operation: "REMOVE" },
  },
]);

describe("shadowSpec", () => {
  it("keeps Istio's checks from ending requests in sidecars and gateways, and takes those of connections away", () => {
    assert.deepEqual(shadowSpec({ labels: { app: "web" } }), {
      workloadSelector: { labels: { app: "web" } },
      configPatches: patches,
    });
  });

  it("selects as the policy does: the whole namespace, or gateways by reference", () => {
    assert.deepEqual(shadowSpec({}), { configPatches: patches });
    const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }];
    assert.deepEqual(shadowSpec({ targetRefs }), { targetRefs, configPatches: patches });
  });
});

describe("shadowName", () => {
  const target = { name: "web", namespace: "shop", matchLabels: { app: "web", tier: "front" } };

  it("is another one for other proxies only", () => {
    const own = shadowName("waf", target);
    assert.match(own, /^waf-web-observe-[0-9a-f]{8}$/);
    assert.equal(shadowName("waf", { ...target, matchLabels: { tier: "front", app: "web" } }), own);
    assert.equal(shadowName("waf", { ...target, notPaths: ["/healthz"] }), own);
    assert.notEqual(shadowName("waf", { ...target, matchLabels: { app: "web" } }), own);
    assert.notEqual(shadowName("waf", { ...target, namespace: "pay" }), own);
  });
});
