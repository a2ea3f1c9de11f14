import assert from "node:assert/strict";
import { leftOut, onlyLeavesOut, picked } from "../../../src/enforcement/envoyFilter/requestConditions";

describe("a header condition", () => {
  const name = "x-canary";
  const is = (exact: string): object => ({ header: { name, string_match: { exact } } });

  it("with `values` picks requests: the rule no longer takes everything but what it names", () => {
    assert.equal(onlyLeavesOut({ headers: [{ name, notValues: ["1"] }] }), true);
    assert.equal(onlyLeavesOut({ headers: [{ name, values: ["1"] }] }), false);
    assert.equal(onlyLeavesOut({ headers: [{ name, values: ["1"], notValues: ["2"] }] }), false);
    const headers = [
      { name: "x-other", notValues: ["1"] },
      { name, values: ["1"] },
    ];
    assert.equal(onlyLeavesOut({ notPaths: ["/healthz"], headers }), false);
  });

  it("leaves out by `notValues` alone, and picks by `values` alone", () => {
    const rule = { headers: [{ name, values: ["1"], notValues: ["2", "3"] }] };
    assert.deepEqual(leftOut(rule, []), [is("2"), is("3")]);
    assert.deepEqual(picked(rule), [{ or_rules: { rules: [is("1")] } }]);
    assert.deepEqual(picked({ headers: [{ name, notValues: ["2"] }] }), []);
  });
});
