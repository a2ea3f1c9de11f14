import assert from "node:assert/strict";
import { GrpcInspection } from "../../src/args/envoyFilter";
import type { EnvoyFilterArgs } from "../../src/args/envoyFilter";
import { envoyFilterProblems } from "../../src/validation/envoyFilterProblems";
import { guideFormInspectionProblems } from "../../src/enforcement/envoyFilter/guideFormProblems";
import type { InspectionArgs } from "../../src/args/inspection";
import { variants } from "../enforcement/envoyFilter/plans";

const noPlace = (path: string, value: unknown): object => ({
  path,
  value,
  reason: "the guide's EnvoyFilter (guideCompatible) has no place for it",
  remedy: "Leave it out, or leave out guideCompatible.",
});

describe("guideCompatible", () => {
  it("refuses by name every argument that the guide's form has no place for", () => {
    const { connectTimeout, statPrefix, ...others } = variants["every-argument"]?.args ?? {};
    const args: EnvoyFilterArgs = { guideCompatible: true, connectTimeout, statPrefix, ...others };
    assert.equal(Object.keys(others).length, 15);
    assert.deepEqual(
      envoyFilterProblems(args),
      Object.entries(others).map(([name, value]) => noPlace(`envoyFilter.${name}`, value)),
    );
    assert.deepEqual(envoyFilterProblems({ ...args, guideCompatible: false }), []);
  });

  it("refuses an argument also when it is set to its default, and not one that is undefined", () => {
    assert.deepEqual(envoyFilterProblems({ guideCompatible: true, grpc: GrpcInspection.HeadersOnly }), [
      noPlace("envoyFilter.grpc", "HeadersOnly"),
    ]);
    assert.deepEqual(envoyFilterProblems({ guideCompatible: true, grpc: undefined }), []);
  });

  const inspection: InspectionArgs = {
    timeout: "1s",
    failOpen: false,
    statusOnError: 503,
    body: { maxBytes: 8192, allowPartial: true, packAsBytes: true },
    requestHeadersToLog: ["accept"],
    responseHeadersToLog: ["date"],
    responseTrailersToLog: ["grpc-status"],
    filterStateObjectsToLog: ["upstream_peer"],
    logName: "waf",
  };

  it("refuses by name every inspection argument that the guide's form has no place for", () => {
    assert.deepEqual(guideFormInspectionProblems({ guideCompatible: true }, inspection), [
      noPlace("inspection.statusOnError", 503),
      noPlace("inspection.body.packAsBytes", true),
      noPlace("inspection.filterStateObjectsToLog", ["upstream_peer"]),
      noPlace("inspection.responseTrailersToLog", ["grpc-status"]),
    ]);
    assert.deepEqual(guideFormInspectionProblems({}, inspection), []);
  });

  it("accepts what the guide itself sets", () => {
    const guide = { timeout: "0.2s", failOpen: true, body: { maxBytes: 8192, allowPartial: true } };
    assert.deepEqual(guideFormInspectionProblems({ guideCompatible: true }, guide), []);
    assert.deepEqual(guideFormInspectionProblems({ guideCompatible: true }, {}), []);
    const asGuide = { body: { packAsBytes: false } };
    assert.deepEqual(guideFormInspectionProblems({ guideCompatible: true }, asGuide), []);
  });
});
