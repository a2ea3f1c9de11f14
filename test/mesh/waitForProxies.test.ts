import assert from "node:assert/strict";
import { mock } from "node:test";
import { drainSeconds, pushSeconds, waitAfterWrite, waitForProxies } from "../../src/mesh/waitForProxies";

describe("the wait after the mesh configuration was written", () => {
  const written = { teardown: false, failOpen: true, changed: [true], isWritten: true };

  it("covers istiod's push, whichever ConfigMap was changed", () => {
    assert.equal(waitAfterWrite(written), pushSeconds);
    assert.equal(waitAfterWrite({ ...written, changed: [false, true], failOpen: false }), pushSeconds);
  });

  it("covers the proxies' drain of 45 seconds in a teardown that fails closed", () => {
    assert.equal(waitAfterWrite({ ...written, teardown: true, failOpen: false }), drainSeconds);
    assert.equal(waitAfterWrite({ ...written, teardown: true }), pushSeconds);
    assert.equal(drainSeconds, 50);
  });

  it("is none when nothing was changed, in a preview and offline", () => {
    assert.equal(waitAfterWrite({ ...written, changed: [false] }), 0);
    assert.equal(waitAfterWrite({ ...written, changed: [] }), 0);
    assert.equal(waitAfterWrite({ ...written, isWritten: false, teardown: true, failOpen: false }), 0);
  });

  it("takes that long, and is announced when it is long", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const said: string[] = [];
    const say = (line: string): void => {
      said.push(line);
    };
    try {
      let isOver = false;
      const wait = waitForProxies(50, say).then(() => {
        isOver = true;
      });
      mock.timers.tick(49_999);
      await Promise.resolve();
      assert.equal(isOver, false);
      mock.timers.tick(1);
      await wait;
      const short = waitForProxies(pushSeconds, say);
      mock.timers.tick(pushSeconds * 1000);
      await short;
      await waitForProxies(0, say);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", /^Waiting 50 s: /);
    } finally {
      mock.timers.reset();
    }
  });
});
