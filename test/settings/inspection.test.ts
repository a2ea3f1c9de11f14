import assert from "node:assert/strict";
import { InspectionMode } from "../../src";
import { inspectionSettings } from "../../src/settings/inspection";

describe("inspectionSettings", () => {
  const defaults = {
    mode: "Block",
    timeout: "200ms",
    failOpen: true,
    body: { enabled: true, maxBytes: 100_000, allowPartial: true, packAsBytes: true },
    requestHeadersToLog: [
      "x-sigsci-request-id",
      "x-sigsci-waf-response",
      "accept",
      "content-type",
      "content-length",
    ],
    responseHeadersToLog: ["date", "server", "content-type", "content-length"],
  };

  it("fills in every default and leaves the rest to Istio", () => {
    assert.deepEqual(inspectionSettings(), defaults);
    assert.deepEqual(inspectionSettings({}), defaults);
  });

  it("keeps everything that is given", () => {
    const given = {
      mode: InspectionMode.Observe,
      observeUntil: "2027-01-31",
      timeout: "1s",
      failOpen: false,
      statusOnError: 503,
      body: { enabled: false, maxBytes: 8192, allowPartial: false, packAsBytes: false },
      responseHeadersToLog: [],
      responseTrailersToLog: ["grpc-status"],
      filterStateObjectsToLog: ["upstream_peer"],
      logName: "waf",
      keepAccessLogProviders: [],
    };
    assert.deepEqual(inspectionSettings({ ...given, requestHeadersToLog: ["user-agent"] }), {
      ...given,
      requestHeadersToLog: ["x-sigsci-request-id", "x-sigsci-waf-response", "user-agent"],
    });
  });

  it("fills in the rest of a partly given body", () => {
    assert.deepEqual(inspectionSettings({ body: { maxBytes: 8192 } }).body, {
      ...defaults.body,
      maxBytes: 8192,
    });
  });

  it("logs the headers that the agent needs once and first, whatever is given", () => {
    const settings = inspectionSettings({
      requestHeadersToLog: ["host", "X-SigSci-Request-ID", "x-sigsci-waf-response"],
    });
    assert.deepEqual(settings.requestHeadersToLog, ["x-sigsci-request-id", "x-sigsci-waf-response", "host"]);
    assert.deepEqual(inspectionSettings({ requestHeadersToLog: [] }).requestHeadersToLog, [
      "x-sigsci-request-id",
      "x-sigsci-waf-response",
    ]);
  });
});
