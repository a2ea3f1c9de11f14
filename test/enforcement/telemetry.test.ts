import assert from "node:assert/strict";
import { TargetKind, TargetRefKind } from "../../src/args/targets";
import { telemetrySpec } from "../../src/enforcement/telemetry";

const target = { name: "storefront", namespace: "shop", matchLabels: { app: "web" } };

describe("telemetrySpec", () => {
  it("logs inbound requests of the selected pods to our provider first and to the kept ones", () => {
    assert.deepEqual(telemetrySpec(target, "waf-access-log", ["envoy", "otel"]), {
      selector: { matchLabels: { app: "web" } },
      accessLogging: [
        {
          providers: [{ name: "waf-access-log" }, { name: "envoy" }, { name: "otel" }],
          match: { mode: "SERVER" },
        },
      ],
    });
  });

  it("logs everything at a gateway, whose requests are outbound ones for Istio", () => {
    const targetRefs = [{ kind: TargetRefKind.Gateway, name: "edge" }];
    assert.deepEqual(
      telemetrySpec({ name: "edge", namespace: "infra", kind: TargetKind.Gateway, targetRefs }, "log", []),
      {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }],
        accessLogging: [{ providers: [{ name: "log" }] }],
      },
    );
  });

  it("logs inbound requests at a waypoint", () => {
    const targetRefs = [{ kind: TargetRefKind.Service, name: "web" }];
    assert.deepEqual(
      telemetrySpec({ name: "web", namespace: "shop", kind: TargetKind.Waypoint, targetRefs }, "log", []),
      {
        targetRefs: [{ group: "", kind: "Service", name: "web" }],
        accessLogging: [{ providers: [{ name: "log" }], match: { mode: "SERVER" } }],
      },
    );
  });

  it("names only our provider when none is kept", () => {
    assert.deepEqual(telemetrySpec({ name: "all", namespace: "shop" }, "waf-access-log", []), {
      accessLogging: [{ providers: [{ name: "waf-access-log" }], match: { mode: "SERVER" } }],
    });
  });

  it("names our provider once when it is among the kept ones", () => {
    assert.deepEqual(
      telemetrySpec(target, "waf-access-log", ["envoy", "waf-access-log", "otel"]).accessLogging[0]
        ?.providers,
      [{ name: "waf-access-log" }, { name: "envoy" }, { name: "otel" }],
    );
  });
});
