import assert from "node:assert/strict";
import { Enforcement } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { notInspected } from "../../src/enforcement/notInspected";
import { integrationSettings } from "../../src/settings/integration";

const lines = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
  notInspected(integrationSettings("waf", { credentials: {}, targets: [], ...args }));

describe("notInspected", () => {
  it("names the end of the body and what fails open", () => {
    assert.deepEqual(lines({}), [
      "what is behind the first 100000 bytes of a request body",
      "requests that the agent does not answer within 200ms",
    ]);
  });

  it("follows the inspection", () => {
    assert.deepEqual(lines({ inspection: { failOpen: false, body: { maxBytes: 8192 } } }), [
      "what is behind the first 8192 bytes of a request body",
    ]);
    assert.deepEqual(lines({ inspection: { failOpen: false, body: { enabled: false } } }), [
      "request bodies",
    ]);
  });

  it("names what EnvoyFilters leave out too", () => {
    const excluded = lines({
      enforcement: Enforcement.EnvoyFilter,
      envoyFilter: { excludedPaths: ["/healthz"], rolloutPercent: 5 },
    });
    assert.deepEqual(excluded.slice(1, 3), ["all but 5% of the requests, drawn at random", "paths /healthz"]);
  });

  it("says everything in teardown", () => {
    assert.deepEqual(lines({ teardown: true }), ["everything, because teardown is on"]);
  });
});
