import assert from "node:assert/strict";
import fc from "fast-check";
import { protobufDuration } from "../../../src/enforcement/envoyFilter/duration";

describe("protobufDuration", () => {
  const durations: [string, string][] = [
    ["200ms", "0.2s"],
    ["0.2s", "0.2s"],
    ["1s", "1s"],
    ["10s", "10s"],
    ["1m30.5s", "90.5s"],
    ["1h", "3600s"],
    ["1500us", "0.0015s"],
    ["1ns", "0.000000001s"],
    ["100ms20us", "0.10002s"],
  ];
  for (const [given, expected] of durations) {
    it(`writes ${given} as ${expected}`, () => {
      assert.equal(protobufDuration(given), expected);
    });
  }

  it("keeps every nanosecond of a day and never ends in a zero after the point", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 * 1e9 }), (nanoseconds) => {
        const text = protobufDuration(`${nanoseconds}ns`);
        assert.match(text, /^\d+(\.\d{0,8}[1-9])?s$/);
        const [seconds = "", fraction = ""] = text.slice(0, -1).split(".");
        assert.equal(Number(seconds) * 1e9 + Number(fraction.padEnd(9, "0")), nanoseconds);
      }),
    );
  });

  it("stops at what is no duration", () => {
    assert.throws(() => protobufDuration("soon"), new Error('"soon" is no duration.'));
  });
});
