import assert from "node:assert/strict";
import fc from "fast-check";
import type { InspectionRuleArgs, TargetArgs } from "../../src/args/targets";
import { clientChoices } from "../../src/enforcement/clientChoices";
import { anyRule } from "./anyRule";

const choices = (target: Partial<TargetArgs>): string[] =>
  clientChoices({ name: "web", namespace: "shop", ...target });

describe("clientChoices", () => {
  const named: [InspectionRuleArgs, string][] = [
    [
      { notPaths: ["/healthz", "/static/*", "/img/*"] },
      "what the application reads as another path among /static/*, /img/*, such as /static/..%2fadmin",
    ],
    [{ notPaths: ["*.css"] }, "what the application reads as another path among *.css, such as /admin;.css"],
    [
      { notPaths: ["/users/{*}/avatar/{**}"] },
      "what the application reads as another path among /users/{*}/avatar/{**}, such as /users/..%2fadmin/avatar/x",
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
