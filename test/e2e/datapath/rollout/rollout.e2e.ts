import assert from "node:assert/strict";
import { join } from "node:path";
import { packedProject, packedVariable } from "../../stack/packed";
import { runCases } from "../run";

const limitMinutes = 20;

describe("rollouts under load", () => {
  it("pass all their cases in a network namespace of their own", async function () {
    this.timeout(limitMinutes * 60_000);
    // Nothing can be fetched inside the namespace.
    process.env[packedVariable] = (await packedProject()).folder;
    const failed = await runCases([join(__dirname, "rollout.case.ts")]);
    assert.equal(failed, 0, "the cases that failed are listed above");
  });
});
