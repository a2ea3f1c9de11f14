import assert from "node:assert/strict";
import { preflightProblems } from "../../src/validation/preflightProblems";
import { preflightShape } from "../../src/validation/shapes/preflight";

describe("preflight: its arguments", () => {
  it("are accepted as they are documented", () => {
    const args = { enabled: true, kubeconfig: "/k", context: "c", timeoutSeconds: 5, ignore: ["TcpPorts"] };
    assert.deepEqual(preflightShape(args, "preflight"), []);
    assert.deepEqual(preflightShape({ timeoutSeconds: 300, kubeconfig: "/k" }, "preflight"), []);
    assert.deepEqual(preflightProblems(undefined), []);
    assert.deepEqual(preflightProblems({ enabled: false }), []);
  });

  it("are refused when they cannot be meant", () => {
    for (const timeoutSeconds of [0, -1, 301]) {
      assert.deepEqual(preflightShape({ timeoutSeconds }, "preflight"), [
        {
          path: "preflight.timeoutSeconds",
          value: timeoutSeconds,
          reason: "it is not between 0 and 300 seconds",
          remedy: "Leave it out for 10 seconds.",
        },
      ]);
    }
    assert.deepEqual(
      preflightProblems({ enabled: false, context: "prod" }).map(({ path }) => path),
      ["preflight.enabled"],
    );
    assert.deepEqual(
      preflightShape({ ignore: ["Everything"], timeout: 3 }, "preflight").map(({ path }) => path),
      ["preflight.ignore[0]", "preflight.timeout"],
    );
  });

  it("do not show a kubeconfig", () => {
    const problems = preflightShape({ kubeconfig: 42 }, "preflight");
    assert.deepEqual(
      problems.map(({ path, value }) => [path, value]),
      [["preflight.kubeconfig", undefined]],
    );
  });
});
