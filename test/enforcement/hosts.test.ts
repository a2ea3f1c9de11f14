import assert from "node:assert/strict";
import { spellingsOfHost } from "../../src/enforcement/hosts";

describe("spellingsOfHost", () => {
  it("adds every port and the dot at the end", () => {
    const all = ["shop.example.com", "shop.example.com:*", "shop.example.com.", "shop.example.com.:*"];
    assert.deepEqual(spellingsOfHost("shop.example.com"), all);
    assert.deepEqual(spellingsOfHost("shop.example.com."), all);
  });

  it("leaves patterns as they are", () => {
    for (const pattern of ["*", "shop.*", "*.example.com"]) {
      assert.deepEqual(spellingsOfHost(pattern), [pattern]);
    }
  });
});
