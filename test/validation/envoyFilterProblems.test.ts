import assert from "node:assert/strict";
import fc from "fast-check";
import { GrpcInspection } from "../../src/args/envoyFilter";
import type { EnvoyFilterArgs } from "../../src/args/envoyFilter";
import type { InspectionArgs } from "../../src/args/inspection";
import { envoyFilterProblems, guideFormInspectionProblems } from "../../src/validation/envoyFilterProblems";
import type { ArgumentProblem } from "../../src/validation/problem";
import { envoyFilterShape } from "../../src/validation/shapes/envoyFilter";
import { variants } from "../enforcement/envoyFilter/plans";

const problemsOf = (args: EnvoyFilterArgs, path = "envoyFilter"): ArgumentProblem[] => [
  ...envoyFilterShape(args, path),
  ...envoyFilterProblems(args, path),
];

const refused = (
  args: EnvoyFilterArgs,
  path: string,
  value: unknown,
  reason: string,
  remedy: string,
): void => {
  assert.deepEqual(problemsOf(args), [{ path: `envoyFilter.${path}`, value, reason, remedy }]);
};

describe("envoyFilterProblems", () => {
  it("accepts no arguments and every argument", () => {
    assert.deepEqual(problemsOf({}), []);
    for (const { args = {} } of Object.values(variants)) {
      assert.deepEqual(problemsOf(args), []);
    }
  });

  it("stands where it is told", () => {
    assert.equal(problemsOf({ rolloutPercent: -1 }, "a.b")[0]?.path, "a.b.rolloutPercent");
  });

  const percents: [number, string][] = [
    [-0.0001, "a share is from 0 to 100"],
    [100.0001, "a share is from 0 to 100"],
    [12.34567, "Envoy draws in steps of 0.0001 percent"],
  ];
  for (const [rolloutPercent, reason] of percents) {
    it(`refuses a rollout of ${rolloutPercent} percent`, () => {
      refused({ rolloutPercent }, "rolloutPercent", rolloutPercent, reason, "Use 0 to 100, for example 25.");
    });
  }

  it("accepts every share in steps of 0.0001 percent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (millionths) => {
        assert.deepEqual(problemsOf({ rolloutPercent: millionths / 10_000 }), []);
      }),
    );
  });

  it("accepts the whole range of priorities", () => {
    assert.deepEqual(problemsOf({ priority: -(2 ** 31) }), []);
    assert.deepEqual(problemsOf({ priority: 2 ** 31 - 1 }), []);
  });

  for (const priority of [1.5, 2 ** 31, -(2 ** 31) - 1]) {
    it(`refuses priority ${priority}`, () => {
      const reason = "Istio takes a 32-bit whole number";
      refused({ priority }, "priority", priority, reason, "Use a whole number, for example 10.");
    });
  }

  for (const name of ["maxConnections", "maxPendingRequests", "maxRequests", "maxRetries"] as const) {
    it(`refuses a ${name} that is no count`, () => {
      const remedy = "Use 1 to 4294967295, for example 65536.";
      const path = `circuitBreakers.${name}`;
      const below = "a limit is a whole number above 0";
      refused({ circuitBreakers: { [name]: 0 } }, path, 0, below, remedy);
      refused({ circuitBreakers: { [name]: 1.5 } }, path, 1.5, below, remedy);
      refused({ circuitBreakers: { [name]: 2 ** 32 } }, path, 2 ** 32, "Envoy counts in 32 bits", remedy);
    });
  }

  it("refuses a connect timeout without a unit", () => {
    const remedy = 'Write a number and a unit, for example "500ms".';
    const reason = "a duration needs a unit: ns, us, ms, s, m or h";
    refused({ connectTimeout: "500" }, "connectTimeout", "500", reason, remedy);
  });

  for (const name of ["statPrefix", "rolloutRuntimeKey"] as const) {
    it(`refuses a ${name} that no counter can have`, () => {
      const reason = "it is empty or has characters that names of counters cannot have";
      const remedy = "Use letters, digits, dots, hyphens and underscores, for example sigsci-agent.";
      refused({ [name]: "" }, name, "", reason, remedy);
      refused({ [name]: "a b" }, name, "a b", reason, remedy);
    });
  }
});

describe("envoyFilterProblems, lists", () => {
  const slash = "Start with / and use * at one end only, for example /static/*.";
  const paths: [string, string][] = [
    ["healthz", "a request path starts with /"],
    ["", "it is empty"],
    ["/a?b=c", "Istio compares the path without its query, so it would never match"],
    ["/a/*/b", "Istio would take a * that is not at one end literally, so it would never match"],
    ["/{id}", "Istio refuses braces unless each segment of the path is {*}, {**} or plain characters"],
    ["*", "it leaves out every request, so none would be inspected"],
    ["/*", "it leaves out every request, so none would be inspected"],
    ["/{**}", "it leaves out every request, so none would be inspected"],
  ];
  for (const [path, reason] of paths) {
    it(`refuses the excluded path ${JSON.stringify(path)}`, () => {
      refused({ excludedPaths: ["/healthz", path] }, "excludedPaths[1]", path, reason, slash);
    });
  }

  for (const name of ["allowedHeaders", "disallowedHeaders"] as const) {
    it(`refuses ${name} that are no header names`, () => {
      const remedy = "Write one header name, for example user-agent, or its beginning, for example x-*.";
      for (const header of ["", "*", "a b", ":path"]) {
        refused({ [name]: [header] }, `${name}[0]`, header, "it is no HTTP header name", remedy);
      }
    });
  }

  for (const name of ["excludedPaths", "allowedHeaders", "disallowedHeaders"] as const) {
    it(`refuses an empty list of ${name}`, () => {
      refused({ [name]: [] }, name, [], "the list is empty", "Leave it out.");
    });
  }
});

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
      problemsOf(args),
      Object.entries(others).map(([name, value]) => noPlace(`envoyFilter.${name}`, value)),
    );
    assert.deepEqual(problemsOf({ ...args, guideCompatible: false }), []);
  });

  it("refuses an argument also when it is set to its default, and not one that is undefined", () => {
    assert.deepEqual(problemsOf({ guideCompatible: true, grpc: GrpcInspection.HeadersOnly }), [
      noPlace("envoyFilter.grpc", "HeadersOnly"),
    ]);
    assert.deepEqual(problemsOf({ guideCompatible: true, grpc: undefined }), []);
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
