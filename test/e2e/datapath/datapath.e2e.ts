import assert from "node:assert/strict";
import { runCases } from "./run";

const limitMinutes = 10;

describe("data path", () => {
  it("passes all its cases in a network namespace of its own", async function () {
    this.timeout(limitMinutes * 60_000);
    assert.equal(await runCases([]), 0, "the cases that failed are listed above");
  });
});
