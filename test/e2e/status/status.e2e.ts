import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runCases } from "../datapath/run";

const limitMinutes = 6;

describe("status of a running mesh", () => {
  it("passes all its cases in a network namespace of its own", async function () {
    this.timeout(limitMinutes * 60_000);
    const failed = await runCases(
      readdirSync(__dirname)
        .filter((name) => name.endsWith(".case.ts"))
        .map((name) => join(__dirname, name)),
    );
    assert.equal(failed, 0, "the cases that failed are listed above");
  });
});
