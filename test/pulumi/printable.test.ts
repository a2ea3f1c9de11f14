import assert from "node:assert/strict";
import fc from "fast-check";
import { printable } from "../../src/pulumi/printable";

describe("printable", () => {
  it("shows what would steer a terminal, and leaves text, tabs and line breaks of both kinds", () => {
    assert.equal(printable("a\u001b[2Jb\u0007\u009b1A\u007f"), "a\\u001b[2Jb\\u0007\\u009b1A\\u007f");
    assert.equal(printable("safe\rNOT"), "safe\\u000dNOT");
    assert.equal(printable("abc\u202eexe.txt\u2066"), "abc\\u202eexe.txt\\u2066");
    const plain = "tab\tline\r\nnext\nümläut 日本 🙂 └─ …";
    assert.equal(printable(plain), plain);
  });

  it("leaves JSON the data that it is", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (values) => {
        const shown = printable(JSON.stringify(values));
        assert.deepEqual(JSON.parse(shown), values);
        assert.doesNotMatch(shown, /\p{Cc}/u);
      }),
    );
  });
});
