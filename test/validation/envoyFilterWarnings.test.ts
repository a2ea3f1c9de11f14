import assert from "node:assert/strict";
import { GrpcInspection } from "../../src/args/envoyFilter";
import type { EnvoyFilterArgs } from "../../src/args/envoyFilter";
import { envoyFilterWarnings } from "../../src/validation/envoyFilterWarnings";
import type { InspectionArgs } from "../../src/args/inspection";

describe("envoyFilterWarnings", () => {
  it("says nothing about the defaults", () => {
    assert.deepEqual(envoyFilterWarnings({}), []);
    assert.deepEqual(envoyFilterWarnings({ rolloutPercent: 100, grpc: GrpcInspection.HeadersOnly }), []);
  });

  const noBody = { body: { enabled: false } };
  const silent: [string, EnvoyFilterArgs, InspectionArgs][] = [
    ["gRPC in full when no body is sent", { grpc: GrpcInspection.Full }, noBody],
    ["a fail-open mark while the mode is fail open", { failOpenHeader: true }, {}],
  ];
  for (const [title, args, inspection] of silent) {
    it(`says nothing about ${title}`, () => {
      assert.deepEqual(envoyFilterWarnings(args, inspection), []);
    });
  }

  const warned: [string, EnvoyFilterArgs, InspectionArgs, string][] = [
    [
      "a share",
      { rolloutPercent: 25 },
      {},
      "envoyFilter.rolloutPercent is 25: all other requests pass without inspection.",
    ],
    [
      "no share",
      { rolloutPercent: 0 },
      {},
      "envoyFilter.rolloutPercent is 0: all requests pass without inspection.",
    ],
    [
      "gRPC in full",
      { grpc: GrpcInspection.Full },
      {},
      "envoyFilter.grpc is Full: a gRPC stream hangs when its client waits for an answer before it has sent everything.",
    ],
    [
      "gRPC left out",
      { grpc: GrpcInspection.None },
      {},
      "envoyFilter.grpc is None: whoever sends a content-type of application/grpc to a port in grpcPorts passes " +
        "uninspected.",
    ],
    [
      "headers held back",
      { allowedHeaders: ["host"] },
      {},
      "envoyFilter.allowedHeaders is set: attacks in all other headers are not seen, and the client's address is " +
        "lost without the header that carries it.",
    ],
    [
      "raw headers",
      { encodeRawHeaders: true },
      {},
      "envoyFilter.encodeRawHeaders is true: it is not documented that the agent reads headers in this form.",
    ],
    [
      "a mark that is never set",
      { failOpenHeader: true },
      { failOpen: false },
      "envoyFilter.failOpenHeader has no effect while inspection.failOpen is false.",
    ],
    [
      "the guide's form without bodies",
      { guideCompatible: true },
      noBody,
      "envoyFilter.guideCompatible is true: requests through HBONE are not inspected, and more than 1024 checks at " +
        "the same time in one proxy count as failed.",
    ],
  ];
  for (const [title, args, inspection, text] of warned) {
    it(`warns of ${title}`, () => {
      assert.deepEqual(envoyFilterWarnings(args, inspection), [text]);
    });
  }

  it("warns of what happens to bodies in the guide's form", () => {
    assert.equal(
      envoyFilterWarnings({ guideCompatible: true })[0],
      "envoyFilter.guideCompatible is true: bodies that are not UTF-8 reach the agent mangled, and gRPC streams " +
        "whose client waits for an answer hang.",
    );
  });
});
