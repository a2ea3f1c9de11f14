import assert from "node:assert/strict";
import fc from "fast-check";
import type { InspectionRuleArgs, TargetArgs } from "../../src/args/targets";
import { clientChoices, normalizationWarnings } from "../../src/enforcement/clientChoices";
import type { PathNormalization } from "../../src/settings/pathNormalization";
import { anyRule } from "./anyRule";

const choices = (target: Partial<TargetArgs>, normalization: PathNormalization = "BASE"): string[] =>
  clientChoices({ name: "web", namespace: "shop", ...target }, normalization);

describe("clientChoices", () => {
  const named: [InspectionRuleArgs, string][] = [
    [
      { notPaths: ["/healthz", "/static/*", "/img/*"] },
      "what the application reads as another path among /static/*, /img/*, such as /static/..%2fadmin or /static/..%5cadmin",
    ],
    [{ notPaths: ["*.css"] }, "what the application reads as another path among *.css, such as /admin;.css"],
    [
      { notPaths: ["/users/{*}/avatar/{**}"] },
      "what the application reads as another path among /users/{*}/avatar/{**}, such as /users/..%2fadmin/avatar/x or /users/..%5cadmin/avatar/x",
    ],
    [{ notHosts: ["a", "b"] }, "requests whose Host is a, b, which any client can send"],
    [{ hosts: ["a", "b"] }, "requests with another Host than a, b, if the application answers them"],
    [{ paths: ["/login"] }, "paths that the application takes for /login in another spelling"],
    [
      { headers: [{ name: "x-partner", notValues: ["warehouse"] }] },
      "requests with the header x-partner: warehouse, which any client can send",
    ],
    [
      { headers: [{ name: "x-inspect", values: ["yes"] }] },
      "requests without the header x-inspect: yes, which any client can leave out",
    ],
    [
      { notRemoteIpBlocks: ["10.0.0.0/8"] },
      "requests with an address in X-Forwarded-For that the conditions leave out, where a client can send it",
    ],
  ];
  for (const [rule, line] of named) {
    it(`names what ${JSON.stringify(rule)} opens`, () => {
      assert.deepEqual(choices(rule), [`target web: ${line}`]);
      assert.deepEqual(choices({ rules: [rule, rule] }), [`target web: ${line}`]);
    });
  }

  const spellings: [PathNormalization, string][] = [
    ["NONE", "/static/../admin or /static/..%2fadmin"],
    ["BASE", "/static/..%2fadmin or /static/..%5cadmin"],
    ["MERGE_SLASHES", "/static/..%2fadmin or /static/..%5cadmin"],
    ["DECODE_AND_MERGE_SLASHES", "/static/..%252fadmin"],
  ];
  for (const [normalization, paths] of spellings) {
    it(`names the spellings that pass with the normalization ${normalization}`, () => {
      for (const pattern of ["/static/*", "/static*", "/static/{**}"]) {
        assert.deepEqual(choices({ notPaths: [pattern] }, normalization), [
          `target web: what the application reads as another path among ${pattern}, such as ${paths}`,
        ]);
      }
      assert.deepEqual(choices({ notPaths: ["/healthz"] }, normalization), []);
    });
  }

  it("fits one segment where the pattern takes one", () => {
    const [choice] = choices({ notPaths: ["/users/{*}"] }, "NONE");
    assert.match(choice ?? "", /, such as \/users\/\.\.%2fadmin$/);
  });

  it("says nothing of what no client can choose", () => {
    assert.deepEqual(choices({}), []);
    const fixed = { notPaths: ["/healthz"], ports: [8080], notPorts: [9090], notIpBlocks: ["10.0.0.0/8"] };
    assert.deepEqual(choices({ ...fixed, ipBlocks: ["10.0.0.0/8"] }), []);
  });

  it("says nothing when a rule takes every request", () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        assert.deepEqual(choices({ rules: [rule, {}] }), []);
      }),
    );
  });
});

describe("normalizationWarnings", () => {
  const target = (rule: InspectionRuleArgs, name = "web"): TargetArgs => ({
    name,
    namespace: "shop",
    ...rule,
  });
  const warning = (name: string, example: string): string =>
    `target ${name}: pathNormalization of the mesh config is NONE, so Envoy compares a path as the client writes it, and ` +
    `a request such as ${example} passes uninspected. Set it to BASE or stronger, or let the target inspect all paths.`;

  it("name each target whose conditions on paths a client can get around", () => {
    const targets = [
      target({ notPaths: ["/healthz", "/static/*"] }),
      target({ paths: ["/login"] }, "login"),
      target({ paths: ["*.php", "/api/*"] }, "api"),
    ];
    assert.deepEqual(normalizationWarnings(targets, "NONE"), [
      warning("web", "/static/../admin"),
      warning("login", "/x/../login"),
      warning("api", "/x/../api/x"),
    ]);
  });

  it("leave out targets without such conditions, and every other normalization", () => {
    const opened = target({ notPaths: ["/static/*"] });
    for (const normalization of ["BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"] as const) {
      assert.deepEqual(normalizationWarnings([opened], normalization), []);
    }
    const closed = [{}, { notPaths: ["/healthz"] }, { notPorts: [9090] }, { paths: ["*.php"] }].map((rule) =>
      target(rule),
    );
    const whole = { name: "web", namespace: "shop", rules: [{ notPaths: ["/static/*"] }, {}] };
    assert.deepEqual(normalizationWarnings([...closed, whole], "NONE"), []);
  });
});
