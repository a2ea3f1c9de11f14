import assert from "node:assert/strict";
import { AccessLogTransport, FilterPosition, GrpcInspection } from "../../src/args/envoyFilter";
import { envoyFilterSettings } from "../../src/settings/envoyFilter";

describe("envoyFilterSettings", () => {
  it("fills in the documented defaults", () => {
    assert.deepEqual(envoyFilterSettings(), {
      guideCompatible: false,
      priority: 10,
      position: FilterPosition.First,
      rolloutPercent: 100,
      rolloutRuntimeKey: undefined,
      excludedPaths: [],
      grpc: GrpcInspection.HeadersOnly,
      failOpenHeader: false,
      statPrefix: "sigsci-agent",
      clearRouteCache: false,
      includePeerCertificate: false,
      encodeRawHeaders: false,
      accessLogTransport: AccessLogTransport.EnvoyGrpc,
      logUncheckedRequests: false,
      connectTimeout: "500ms",
      circuitBreakers: {
        maxConnections: 65536,
        maxPendingRequests: 65536,
        maxRequests: 65536,
        maxRetries: 65536,
      },
    });
  });

  it("keeps zero and false, and each circuit breaker by itself", () => {
    const settings = envoyFilterSettings({
      priority: 0,
      rolloutPercent: 0,
      circuitBreakers: { maxRequests: 7 },
    });
    assert.equal(settings.priority, 0);
    assert.equal(settings.rolloutPercent, 0);
    assert.deepEqual(settings.circuitBreakers, {
      maxConnections: 65536,
      maxPendingRequests: 65536,
      maxRequests: 7,
      maxRetries: 65536,
    });
  });

  it("names a runtime key for a share only", () => {
    assert.equal(
      envoyFilterSettings({ rolloutPercent: 99 }).rolloutRuntimeKey,
      "sigsci-agent.rollout_percent",
    );
    assert.equal(envoyFilterSettings({ rolloutPercent: 100 }).rolloutRuntimeKey, undefined);
    assert.equal(envoyFilterSettings({ rolloutRuntimeKey: "waf.on" }).rolloutRuntimeKey, "waf.on");
  });
});
