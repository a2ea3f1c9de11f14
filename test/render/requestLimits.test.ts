import assert from "node:assert/strict";
import { camelCased, checksOf, type ExternalCheck } from "../../src/kubernetes/externalChecks";
import { describeFilters, describeRules } from "../../src/render/requestLimits";

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

describe("describeFilters", () => {
  const checks = (config: object): ExternalCheck[] =>
    checksOf(camelCased({ name: "envoy.filters.http.ext_authz", typed_config: config }));
  const share = (numerator?: number, denominator?: string): object => ({
    filter_enabled: { default_value: { numerator, denominator } },
  });
  const marked = { filter_enabled_metadata: { filter: "envoy.filters.http.rbac" } };
  const texts: Record<string, { configs: object[]; coverage: string; text: string }> = {
    "no share": { configs: [{}], coverage: "all", text: "all requests" },
    "a share of a hundred": { configs: [share(10)], coverage: "some", text: "10 % of requests" },
    "a share of a million": {
      configs: [share(25_000, "MILLION")],
      coverage: "some",
      text: "2.5 % of requests",
    },
    "everything as a share": { configs: [share(100, "HUNDRED")], coverage: "all", text: "all requests" },
    "nothing as a share": { configs: [share()], coverage: "none", text: "0 % of requests" },
    "marked requests": {
      configs: [marked, marked],
      coverage: "some",
      text: "only those that its conditions select",
    },
    "a share of marked requests": {
      configs: [{ ...share(10), ...marked }],
      coverage: "some",
      text: "10 % of requests, only those that its conditions select",
    },
    "a share of all beside all that are marked": {
      configs: [share(10), { ...share(100), ...marked }],
      coverage: "some",
      text: "10 % of requests; or those that its conditions select",
    },
    "marks beside a filter that is off": {
      configs: [share(0), marked],
      coverage: "some",
      text: "only those that its conditions select",
    },
    "a share that is no number": {
      configs: [{ filter_enabled: { default_value: { numerator: "abc" } } }],
      coverage: "none",
      text: "0 % of requests",
    },
    "one filter of two without a mark": { configs: [marked, {}], coverage: "all", text: "all requests" },
  };
  for (const [what, { configs, ...expected }] of Object.entries(texts)) {
    it(`describes ${what}`, () => {
      assert.deepEqual(describeFilters(configs.flatMap(checks)), expected);
    });
  }
});
