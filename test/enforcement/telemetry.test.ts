import assert from "node:assert/strict";
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
