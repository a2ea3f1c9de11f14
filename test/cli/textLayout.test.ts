import assert from "node:assert/strict";
import fc from "fast-check";
import { bullet, chunks, columnWidth, fit, table, textWidth, wrap } from "../../src/cli/textLayout";

const width = fc.integer({ min: 1, max: 90 });

describe("text layout", () => {
  it("keeps the indentation of a line in what it is broken into", () => {
    const text = "2 arguments are refused.\n  - replicas: there is none\n    Write agent: { replicas: 2 }.";
    assert.deepEqual(wrap(text, 20), [
      "2 arguments are",
      "refused.",
      "  - replicas: there",
      "    is none",
      "    Write agent: {",
      "    replicas: 2 }.",
    ]);
    // An indentation that leaves too little room is dropped.
    assert.deepEqual(wrap(`${" ".repeat(15)}Write it.`, 20), ["Write it."]);
  });

  it("shortens in the middle and keeps both ends", () => {
    assert.equal(fit("short", 5), "short");
    assert.equal(fit("istio-system/istio-canary", 11), "istio…anary");
  });

  it("never exceeds the width", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), width, (text, limit) => {
        assert.ok(fit(text, limit).length <= limit);
        for (const line of [...wrap(text, limit), ...chunks(text, limit)]) {
          assert.ok(line.length <= limit);
        }
      }),
    );
  });

  it("loses no character but the spaces it breaks at", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), width, (text, limit) => {
        assert.equal(wrap(text, limit).join("").replaceAll(/[ \n]/g, ""), text.replaceAll(/[ \n]/g, ""));
        assert.equal(chunks(text, limit).join(""), text);
      }),
    );
  });

  it("keeps the line ends of a text and indents what follows a bullet", () => {
    assert.deepEqual(bullet("  - ", "one\ntwo", 80), ["  - one", "    two"]);
  });

  it("is 80 columns wide off a terminal, and as wide as one, but for what tables need", () => {
    assert.deepEqual([undefined, 0, 40, 80, 133].map(textWidth), [80, 80, 60, 80, 133]);
  });

  it("makes columns as wide as their widest cell, up to the limit", () => {
    assert.equal(columnWidth(["a", "abc"], 10), 3);
    assert.equal(columnWidth(["a", "abcdef"], 4), 4);
    assert.equal(columnWidth([], 4), 0);
  });

  it("sets the rows of a table in columns, also cells of several lines", () => {
    const rows = [
      ["web", "a\nb", "one"],
      ["checkout", "", "two"],
    ];
    assert.deepEqual(table(rows, [8, 2]), ["web       a   one", "          b", "checkout      two"]);
  });
});
