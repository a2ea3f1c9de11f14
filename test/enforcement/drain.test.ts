import assert from "node:assert/strict";
import { mock } from "node:test";
import { drainSeconds, drainWait, waitForDrain } from "../../src/enforcement/drain";

describe("the end of a teardown", () => {
  const closed = { failOpen: false, removed: [true], isPreview: false };

  it("waits for the proxies' drain of 45 seconds when failing closed", () => {
    assert.equal(drainWait(closed), drainSeconds);
    assert.equal(drainSeconds, 50);
    assert.equal(drainWait({ ...closed, removed: [false, true] }), drainSeconds);
  });

  it("does not wait when failing open, in a preview, or when there was nothing to take out", () => {
    assert.equal(drainWait({ ...closed, failOpen: true }), 0);
    assert.equal(drainWait({ ...closed, isPreview: true }), 0);
    assert.equal(drainWait({ ...closed, removed: [false] }), 0);
    assert.equal(drainWait({ ...closed, removed: [] }), 0);
  });

  it("says how long, and takes that long", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const said: string[] = [];
    try {
      let isOver = false;
      const wait = waitForDrain(50, (line) => said.push(line)).then(() => {
        isOver = true;
      });
      mock.timers.tick(49_999);
      await Promise.resolve();
      assert.equal(isOver, false);
      mock.timers.tick(1);
      await wait;
      await waitForDrain(0, (line) => said.push(line));
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", /^Waiting 50 s: /);
    } finally {
      mock.timers.reset();
    }
  });
});
