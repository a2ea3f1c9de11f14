import assert from "node:assert/strict";
import { Enforcement, GrpcInspection, Placement } from "../../src";
import type { EnvoyFilterArgs, SigsciIstioIntegrationArgs } from "../../src";
import { envoyFilterExclusions, notInspected } from "../../src/enforcement/notInspected";
import { envoyFilterSettings } from "../../src/settings/envoyFilter";
import { inspectionSettings } from "../../src/settings/inspection";
import { integrationSettings } from "../../src/settings/integration";

const lines = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
  notInspected(integrationSettings("waf", { credentials: {}, targets: [], ...args }));

describe("notInspected", () => {
  it("names the end of the body and what fails open", () => {
    assert.deepEqual(lines({}), [
      "what is behind the first 100000 bytes of a request body",
      "every request while the only agent pod is away, for example evicted from its node",
      "requests that the agent does not answer within 200ms",
    ]);
  });

  it("names the absence of the only agent pod, where one serves all and nobody is refused", () => {
    const isNamed = (args: Partial<SigsciIstioIntegrationArgs>): boolean =>
      lines(args).includes("every request while the only agent pod is away, for example evicted from its node");
    assert.equal(isNamed({ agent: { replicas: 1 } }), true);
    assert.equal(isNamed({ agent: { replicas: 2, expectResponseData: false } }), false);
    assert.equal(isNamed({ inspection: { failOpen: false } }), false);
    assert.equal(isNamed({ placement: Placement.NodeLocal }), false);
    assert.equal(isNamed({ placement: Placement.Sidecar }), false);
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

const exclusions = (args: EnvoyFilterArgs, bodies = true): string[] =>
  envoyFilterExclusions(envoyFilterSettings(args), inspectionSettings({ body: { enabled: bodies } }));

describe("envoyFilterExclusions", () => {
  it("names what the defaults leave out", () => {
    assert.deepEqual(exclusions({}), ["bodies of gRPC requests", "CONNECT requests (tunnels)"]);
    assert.deepEqual(exclusions({}, false), ["CONNECT requests (tunnels)"]);
    assert.deepEqual(exclusions({ grpc: GrpcInspection.Full }), ["CONNECT requests (tunnels)"]);
  });

  it("names what each argument leaves out", () => {
    assert.deepEqual(
      exclusions({
        rolloutPercent: 12.5,
        excludedPaths: ["/healthz", "/static/*"],
        grpc: GrpcInspection.None,
        allowedHeaders: ["user-agent", "x-*"],
        disallowedHeaders: ["authorization"],
      }),
      [
        "all but 12.5% of the requests, drawn at random",
        "paths /healthz, /static/*",
        "gRPC requests",
        "headers other than user-agent, x-*",
        "headers authorization",
        "CONNECT requests (tunnels)",
      ],
    );
  });

  it("names what the guide's form leaves out", () => {
    assert.deepEqual(exclusions({ guideCompatible: true }), ["requests through HBONE"]);
  });
});
