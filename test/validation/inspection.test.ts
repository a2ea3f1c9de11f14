import assert from "node:assert/strict";
import { inspect } from "node:util";
import { InspectionMode } from "../../src/args/inspection";
import { Enforcement } from "../../src/args/integration";
import { inspectionWarnings } from "../../src/validation/inspectionWarnings";
import { inspectionShape } from "../../src/validation/shapes/inspection";
import type { ArgumentProblem } from "../../src/validation/problem";
import type { InspectionArgs } from "../../src/args/inspection";

const inspectionProblems = (args: InspectionArgs, path = "inspection"): ArgumentProblem[] =>
  inspectionShape(args, path);

const refused = (
  args: InspectionArgs,
  path: string,
  value: unknown,
  reason: string,
  remedy: string,
): void => {
  assert.deepEqual(inspectionProblems(args), [{ path: `inspection.${path}`, value, reason, remedy }]);
};

describe("inspectionShape", () => {
  it("accepts no arguments and every argument", () => {
    assert.deepEqual(inspectionProblems({}), []);
    assert.deepEqual(
      inspectionProblems({
        timeout: "1m30s",
        failOpen: false,
        statusOnError: 503,
        body: { enabled: true, maxBytes: 1024 * 1024, allowPartial: false, packAsBytes: false },
        requestHeadersToLog: ["user-agent"],
        responseHeadersToLog: [],
        responseTrailersToLog: ["grpc-status"],
        filterStateObjectsToLog: ["upstream_peer"],
        logName: "waf",
        keepAccessLogProviders: [],
      }),
      [],
    );
  });

  const durations: [string, string][] = [
    ["0.2", "a duration needs a unit: ns, us, ms, s, m or h"],
    ["200", "a duration needs a unit: ns, us, ms, s, m or h"],
    ["-1s", "a duration is more than zero"],
    ["0s", "a duration is more than zero"],
    ["", "it is empty"],
    ["abc", "it is no duration: numbers with the units ns, us, ms, s, m or h, at most 292 years"],
  ];
  for (const [timeout, reason] of durations) {
    it(`refuses the timeout ${JSON.stringify(timeout)}`, () => {
      refused({ timeout }, "timeout", timeout, reason, 'Write a number and a unit, for example "200ms".');
    });
  }

  const asText = "`pulumi config set` takes it with `--type string`.";
  const bare: [unknown, string][] = [
    ["200 ", 'Write a number and a unit, for example "200ms".'],
    [100, `Write timeout: "100ms"; ${asText}`],
    [[100], 'Write timeout: "100ms".'],
    [99, `Write timeout: "99s" or "99ms"; ${asText}`],
    [1, `Write timeout: "1s" or "1ms"; ${asText}`],
    [Object.create(null), 'Write timeout: "200ms".'],
  ];
  for (const [timeout, remedy] of bare) {
    it(`shows what the timeout ${inspect(timeout)} may mean`, () => {
      const given = inspectionShape({ timeout }, "inspection");
      assert.deepEqual(
        given.map((problem) => problem.remedy),
        [remedy],
      );
    });
  }

  it("shows both that a timeout of a small number may mean", () => {
    refused(
      { timeout: "5" },
      "timeout",
      "5",
      "a duration needs a unit: ns, us, ms, s, m or h",
      'Write a number and a unit, for example "5s" or "5ms".',
    );
  });

  const bodies: [number, string][] = [
    [0, "Envoy needs a whole number above 0"],
    [-1, "Envoy needs a whole number above 0"],
    [1.5, "Envoy needs a whole number above 0"],
    [1024 * 1024 + 1, "more than 1 MiB would be held in memory for each request"],
  ];
  for (const [maxBytes, reason] of bodies) {
    it(`refuses a body of ${maxBytes} bytes`, () => {
      const remedy = "Use 1 to 1048576 bytes, or `enabled: false`.";
      refused({ body: { maxBytes } }, "body.maxBytes", maxBytes, reason, remedy);
    });
  }

  for (const statusOnError of [200, 302, 399, 418, 419, 425, 430, 509, 512, 599, 403.5, 0]) {
    it(`refuses the status ${statusOnError}`, () => {
      const remedy = "Use a 4xx or 5xx status that Envoy knows, for example 503.";
      refused({ statusOnError }, "statusOnError", statusOnError, "Envoy knows no such error status", remedy);
    });
  }

  it("accepts every error status that Envoy knows", () => {
    for (const statusOnError of [
      400, 403, 417, 421, 422, 423, 424, 426, 428, 429, 431, 500, 503, 508, 510, 511,
    ]) {
      assert.deepEqual(inspectionProblems({ statusOnError }), [], String(statusOnError));
    }
  });

  for (const list of ["requestHeadersToLog", "responseHeadersToLog", "responseTrailersToLog"] as const) {
    it(`refuses an entry of ${list} that is no header name`, () => {
      const remedy = "Write one header name, for example content-type.";
      refused({ [list]: ["ok", "a: b"] }, `${list}[1]`, "a: b", "it is no HTTP header name", remedy);
      refused({ [list]: [""] }, `${list}[0]`, "", "it is no HTTP header name", remedy);
    });
  }

  for (const list of ["keepAccessLogProviders", "filterStateObjectsToLog"] as const) {
    it(`refuses an empty entry of ${list}`, () => {
      refused({ [list]: ["envoy", " "] }, `${list}[1]`, " ", "it is empty", "Remove the empty entry.");
    });
  }

  it("refuses an empty log name", () => {
    refused({ logName: "" }, "logName", "", "it is empty", "Give a name, or leave it out for Istio's own.");
  });

  it("reports everything at once, at the given path", () => {
    const paths = inspectionProblems(
      { timeout: "x", statusOnError: 1, body: { maxBytes: 0 } },
      "targets[0]",
    ).map((problem) => problem.path);
    assert.deepEqual(paths, ["targets[0].timeout", "targets[0].statusOnError", "targets[0].body.maxBytes"]);
  });
});

describe("inspectionWarnings", () => {
  it("is silent about the defaults and the values of the guide", () => {
    assert.deepEqual(inspectionWarnings({}), []);
    assert.deepEqual(
      inspectionWarnings({ failOpen: true, body: { maxBytes: 8192, allowPartial: true, packAsBytes: true } }),
      [],
    );
  });

  it("warns of 413 without partial bodies, with the limit that holds", () => {
    const warning = (bytes: number): string =>
      `inspection.body.allowPartial is false: Envoy answers every request with a body over ${bytes} bytes with 413, also with failOpen.`;
    assert.deepEqual(inspectionWarnings({ body: { allowPartial: false } }), [warning(100_000)]);
    assert.deepEqual(inspectionWarnings({ body: { allowPartial: false, maxBytes: 8192 } }), [warning(8192)]);
    assert.deepEqual(inspectionWarnings({ body: { allowPartial: false, enabled: false } }), []);
  });

  it("warns of refused requests when it fails closed, with the status that holds", () => {
    const warning = (status: number): string =>
      "inspection.failOpen is false: while the agent cannot answer in time, every request of the targets is " +
      `refused with ${status}.`;
    assert.deepEqual(inspectionWarnings({ failOpen: false }), [warning(403)]);
    assert.deepEqual(inspectionWarnings({ failOpen: false, statusOnError: 503 }), [warning(503)]);
  });

  it("names 504 beside the status with external processing, where a silent agent is answered with it", () => {
    assert.deepEqual(
      inspectionWarnings({ failOpen: false, statusOnError: 503 }, [], Enforcement.ExternalProcessing),
      [
        "inspection.failOpen is false: while the agent cannot answer in time, every request of the targets is " +
          "refused with 503, or with 504 when the agent can be reached and is silent.",
      ],
    );
  });

  it("says that failing closed refuses nothing of targets that observe", () => {
    const [web, api] = ["web", "api"].map((name) => ({ name, namespace: "shop" }));
    assert.ok(web !== undefined && api !== undefined);
    const inspection = { failOpen: false, mode: InspectionMode.Observe };
    assert.deepEqual(inspectionWarnings(inspection, [web, api]), [
      "inspection.failOpen is false, which has no effect while every target observes: no request is refused.",
    ]);
    assert.deepEqual(inspectionWarnings(inspection, [web, { ...api, mode: InspectionMode.Block }]), [
      "inspection.failOpen is false: while the agent cannot answer in time, every request of the targets that block is " +
        "refused with 403.",
    ]);
  });

  it("warns of a timeout that makes a silent agent an outage", () => {
    assert.deepEqual(inspectionWarnings({ timeout: "200s" }), [
      "inspection.timeout is 200s: while the agent is silent, every request waits that long, also with failOpen. The " +
        "default is 200ms.",
    ]);
    assert.deepEqual(inspectionWarnings({ timeout: "5s" }), []);
  });

  it("warns of mangled bodies", () => {
    assert.deepEqual(inspectionWarnings({ body: { packAsBytes: false } }), [
      "inspection.body.packAsBytes is false: bodies that are not UTF-8 reach the agent mangled.",
    ]);
  });

  it("gives all warnings", () => {
    assert.equal(
      inspectionWarnings({ failOpen: false, body: { allowPartial: false, packAsBytes: false } }).length,
      3,
    );
  });
});
