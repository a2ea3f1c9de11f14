import assert from "node:assert/strict";
import { GrpcInspection } from "../../src/args/envoyFilter";
import type { EnvoyFilterArgs } from "../../src/args/envoyFilter";
import { envoyFilterExclusions } from "../../src/enforcement/envoyFilter/exclusions";
import { envoyFilterSettings } from "../../src/settings/envoyFilter";
import { inspectionSettings } from "../../src/settings/inspection";

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
