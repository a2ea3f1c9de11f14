import assert from "node:assert/strict";
import { Enforcement, TargetKind, TargetRefKind } from "../../src";
import { changed } from "./differences";
import { field, guide, guideEnvoyFilter } from "./guide";
import { keysOf, rendered } from "./objects";
import { row } from "./row";

const mesh = { providerNames: { extAuthz: "sigsci-agent-ext-authz", accessLog: "sigsci-agent-access-log" } };

/** The context of each patch of an EnvoyFilter that has one and is no cluster. */
function contexts(filter: unknown): unknown[] {
  const list = field(filter, "spec", "configPatches");
  return (Array.isArray(list) ? list : [])
    .filter((patch: unknown) => field(patch, "applyTo") !== "CLUSTER")
    .map((patch: unknown) => field(patch, "match", "context"));
}

describe("guide: Kubernetes Istio, east/west and north/south requests", () => {
  row("requests from service to service", async ({ compare, differs }) => {
    const targets = [
      { name: "httpbin", namespace: "foo", matchLabels: { app: "httpbin" }, paths: ["/headers"] },
    ];
    const policy = await rendered("waf-httpbin-policy", { targets, mesh });
    compare(guide("authorizationPolicy", "spec"), field(policy, "spec"));
    const enforcement = Enforcement.EnvoyFilter;
    const filter = await rendered("waf-httpbin-envoy-filter", { targets, enforcement });
    compare([...new Set(contexts(guideEnvoyFilter))], [...new Set(contexts(filter))]);
    assert.deepEqual([...new Set(contexts(filter))], ["SIDECAR_INBOUND"]);
    differs("the proxy of the called workload asks, whoever calls: other services and the gateway");
  });

  row("requests from clients, at the gateway", async ({ compare }) => {
    const edge = {
      name: "edge",
      namespace: "istio-ingress",
      kind: TargetKind.Gateway,
      matchLabels: { istio: "ingressgateway" },
    };
    const policy = await rendered("waf-edge-policy", { targets: [edge], mesh });
    const where = { selector: { matchLabels: { istio: "ingressgateway" } }, rules: [{}] };
    compare({ ...Object(guide("authorizationPolicy", "spec")), ...where }, field(policy, "spec"));
    const telemetry = await rendered("waf-edge-telemetry", { targets: [edge], mesh });
    assert.deepEqual(keysOf(field(telemetry, "spec", "accessLogging", 0)), ["providers"]);
    const enforcement = Enforcement.EnvoyFilter;
    const filter = await rendered("waf-edge-envoy-filter", { targets: [edge], enforcement });
    compare({ context: "SIDECAR_INBOUND" }, { context: contexts(filter)[0] }, [
      changed(
        "context",
        "SIDECAR_INBOUND",
        "GATEWAY",
        "the guide names these requests and shows no configuration for them",
      ),
    ]);
    assert.deepEqual([...new Set(contexts(filter))], ["GATEWAY"]);
  });

  row("requests at a gateway of the Gateway API", async ({ compare, differs }) => {
    const policy = await rendered("waf-edge-policy", {
      targets: [
        {
          name: "edge",
          namespace: "infra",
          kind: TargetKind.Gateway,
          targetRefs: [{ kind: TargetRefKind.Gateway, name: "edge" }],
        },
      ],
      mesh,
    });
    const reference = { group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" };
    compare([reference], field(policy, "spec", "targetRefs"));
    assert.ok(!("selector" in Object(field(policy, "spec"))));
    differs("not in the guide: by reference in place of labels");
  });

  row("requests in ambient mode", async ({ compare, differs }) => {
    const policy = await rendered("waf-orders-policy", {
      targets: [
        {
          name: "orders",
          namespace: "shop",
          kind: TargetKind.Waypoint,
          targetRefs: [{ kind: TargetRefKind.Service, name: "orders" }],
        },
      ],
      mesh,
    });
    compare([{ group: "", kind: "Service", name: "orders" }], field(policy, "spec", "targetRefs"));
    differs("not in the guide: at the waypoint, with AuthorizationPolicy only");
  });
});
