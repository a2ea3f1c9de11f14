import assert from "node:assert/strict";
import { unreadConfiguration } from "../../src/render/unreadConfiguration";

describe("a key of the command line that the program does not read", () => {
  const warnings = (key: string, reads: string[]): string[] =>
    unreadConfiguration({ project: "shop", assigned: [key] }, new Set(reads));

  it("is named with the key that is probably meant, or with all there are", () => {
    const reads = ["shop:targets", "shop:accessKeyId", "aws:site"];
    const unread = (key: string): string => `--config ${key}: the program does not read it. `;
    assert.deepEqual(warnings("accessKey", reads), [`${unread("accessKey")}Did you mean accessKeyId?`]);
    assert.deepEqual(warnings("site", reads), [`${unread("site")}It reads: accessKeyId, targets`]);
    assert.deepEqual(warnings("site", ["aws:site"]), [`${unread("site")}It reads none`]);
    assert.deepEqual(warnings("targets", reads), []);
  });
});
