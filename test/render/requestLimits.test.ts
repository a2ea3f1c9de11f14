import assert from "node:assert/strict";
import { describeRules } from "../../src/render/requestLimits";

const cases: Record<string, { rules: unknown; coverage: string; text: string }> = {
  "no rules": { rules: undefined, coverage: "none", text: "no requests: the policy has no rules" },
  "an empty list": { rules: [], coverage: "none", text: "no requests: the policy has no rules" },
  "an empty rule": { rules: [{}], coverage: "all", text: "all requests" },
  "an empty operation": { rules: [{ to: [{ operation: {} }] }], coverage: "all", text: "all requests" },
  "paths and exceptions": {
    rules: [{ to: [{ operation: { paths: ["/api/*", "/v2/*"], notPaths: ["/healthz"] } }] }],
    coverage: "some",
    text: "only /api/* /v2/*, except /healthz",
  },
  "every field of an operation": {
    rules: [
      { to: [{ operation: { hosts: ["a.b"], ports: ["8080"], methods: ["GET"], notMethods: ["HEAD"] } }] },
    ],
    coverage: "some",
    text: "only host a.b, port 8080, GET, except HEAD",
  },
  "several operations": {
    rules: [{ to: [{ operation: { paths: ["/a"] } }, { operation: { paths: ["/b"] } }] }],
    coverage: "some",
    text: "only /a or only /b",
  },
  "an operation that covers the others": {
    rules: [{ to: [{ operation: { paths: ["/a"] } }, { operation: {} }] }],
    coverage: "all",
    text: "all requests",
  },
  "sources and headers": {
    rules: [
      {
        to: [{ operation: { paths: ["/a"] } }],
        from: [{ source: { ipBlocks: ["10.0.0.0/8"], notRemoteIpBlocks: ["1.2.3.4"] } }],
        when: [{ key: "request.headers[x]", values: ["1"], notValues: ["2"] }],
      },
    ],
    coverage: "some",
    text: "only /a; only from 10.0.0.0/8, except client 1.2.3.4; only request.headers[x] 1, except request.headers[x] 2",
  },
  "several rules": {
    rules: [{ to: [{ operation: { paths: ["/a"] } }] }, { to: [{ operation: { notPaths: ["/b"] } }] }],
    coverage: "some",
    text: "only /a or except /b",
  },
  "a rule that covers the others": {
    rules: [{ to: [{ operation: { paths: ["/a"] } }] }, {}],
    coverage: "all",
    text: "all requests",
  },
};

describe("describeRules", () => {
  for (const [what, { rules, coverage, text }] of Object.entries(cases)) {
    it(`puts ${what} into words`, () => {
      assert.deepEqual(describeRules(rules), { coverage, text });
    });
  }
});
