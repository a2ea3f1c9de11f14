import assert from "node:assert/strict";
import { GrpcInspection } from "../../../src/enforcement/envoyFilter/args";
import type { EnvoyFilterArgs } from "../../../src/enforcement/envoyFilter/args";
import { envoyFilterExclusions } from "../../../src/enforcement/envoyFilter/exclusions";
import { envoyFilterSettings } from "../../../src/enforcement/envoyFilter/settings";
import { inspectionSettings } from "../../../src/enforcement/inspectionSettings";

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
