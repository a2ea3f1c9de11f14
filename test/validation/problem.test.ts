import assert from "node:assert/strict";
import { describeProblem, describeProblems, shownValue } from "../../src/validation/problem";

describe("a problem in words", () => {
  it("has path, value, reason and remedy", () => {
    assert.equal(
      describeProblem({
        path: "targets[0].ports[1]",
        value: 0,
        reason: "it is wrong",
        remedy: "Correct it.",
      }),
      "targets[0].ports[1] = 0: it is wrong\n    Correct it.",
    );
  });

  it("shows no value when there is none", () => {
    const problem = { path: "credentials", reason: "it is missing", remedy: "Give it." };
    assert.equal(describeProblem(problem), "credentials: it is missing\n    Give it.");
    assert.equal(
      describeProblem({ ...problem, value: undefined }),
      "credentials: it is missing\n    Give it.",
    );
  });

  it("shows a value on one line of at most 80 characters", () => {
    assert.equal(shownValue({ a: ["b", 1], c: null }), "{ a: [ 'b', 1 ], c: null }");
    assert.equal(shownValue("x\ny"), "'x\\ny'");
    const long = shownValue("y".repeat(200));
    assert.equal(long, `'${"y".repeat(78)}…`);
  });
});

describe("the password of an address", () => {
  it("is not shown, wherever the address stands", () => {
    assert.equal(shownValue(["https://user:pw@example.com/a"]), "[ 'https://…@example.com/a' ]");
    assert.equal(shownValue("oci://token@example.com and a@b"), "'oci://…@example.com and a@b'");
    assert.equal(shownValue("https://example.com/@scope"), "'https://example.com/@scope'");
  });
});

describe("several problems in words", () => {
  const problem = { path: "a", reason: "it is missing", remedy: "Give it." };

  it("count and list all of them", () => {
    assert.equal(
      describeProblems('SigsciIstioIntegration "waf"', [problem]),
      'SigsciIstioIntegration "waf": 1 argument is refused, nothing was changed.\n' +
        "  - a: it is missing\n    Give it.",
    );
    assert.equal(
      describeProblems("X", [problem, { ...problem, path: "b", value: "" }]),
      "X: 2 arguments are refused, nothing was changed.\n" +
        "  - a: it is missing\n    Give it.\n  - b = '': it is missing\n    Give it.",
    );
  });
});
