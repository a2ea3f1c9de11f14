import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cached, cacheFolder } from "./cache";
import { createTemporaryFolder, type TemporaryFolder } from "./temporaryFolder";

describe("the cache", () => {
  let folder: TemporaryFolder;
  let before: string | undefined;

  beforeEach(() => {
    folder = createTemporaryFolder("cache");
    before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = folder.path;
  });

  afterEach(() => {
    if (before === undefined) {
      delete process.env.XDG_CACHE_HOME;
    } else {
      process.env.XDG_CACHE_HOME = before;
    }
    folder.remove();
  });

  it("makes an entry once when two want it at the same time", async () => {
    let made = 0;
    const fill = async (entry: string): Promise<void> => {
      made += 1;
      await delay(50);
      writeFileSync(join(entry, "file"), "whole");
    };
    const [one, two] = await Promise.all([cached("thing-1", fill), cached("thing-1", fill)]);
    assert.equal(one, two);
    assert.equal(made, 1);
    assert.equal(readFileSync(join(one, "file"), "utf8"), "whole");
    assert.deepEqual(readdirSync(cacheFolder()), ["thing-1"]);
  });

  it("keeps nothing of an entry that could not be made, and makes it the next time", async () => {
    const broken = (entry: string): Promise<void> => {
      writeFileSync(join(entry, "half"), "");
      return Promise.reject(new Error("no"));
    };
    await assert.rejects(cached("thing-2", broken), /^Error: no$/);
    assert.deepEqual(readdirSync(cacheFolder()), []);
    const entry = await cached("thing-2", () => Promise.resolve());
    assert.ok(existsSync(entry));
  });

  it("takes over from a process that died while it made an entry", async () => {
    await cached("thing-3", () => Promise.resolve());
    // No process has an id this high.
    writeFileSync(join(cacheFolder(), "thing-4.lock"), "4194305");
    await cached("thing-4", () => Promise.resolve());
    assert.deepEqual(readdirSync(cacheFolder()), ["thing-3", "thing-4"]);
  });
});
