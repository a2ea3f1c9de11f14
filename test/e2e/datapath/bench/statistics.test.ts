import assert from "node:assert/strict";
import fc from "fast-check";
import { formatSpread, ratioOf, spreadOf } from "./statistics";

const ratio = fc.double({ min: 0.1, max: 10, noNaN: true });
const some = fc.array(ratio, { minLength: 1, maxLength: 30 });
const isNear = (one: number, other: number): boolean => Math.abs(one / other - 1) < 1e-9;

describe("the benchmark's statistics", () => {
  it("gives the middle of an odd and of an even number of values, and how far they reach", () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, low: 1, high: 3 });
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, low: 1, high: 4 });
    assert.throws(() => spreadOf([]), /no values/);
  });

  it("writes a spread, and one number when all look alike", () => {
    assert.equal(formatSpread({ median: 1.23, low: 1.1, high: 1.4 }, 2), "1.23 (1.10..1.40)");
    assert.equal(formatSpread({ median: 1, low: 0.999, high: 1.001 }, 2), "1.00");
  });

  it("estimates a ratio between its bounds, and these within what was measured", () => {
    fc.assert(
      fc.property(some, (ratios) => {
        const { estimate, low, high } = ratioOf(ratios, 0.95);
        assert.ok(low <= estimate && estimate <= high);
        assert.ok(low >= Math.min(...ratios) * 0.999999 && high <= Math.max(...ratios) * 1.000001);
      }),
    );
  });

  it("says the opposite when the two are exchanged", () => {
    fc.assert(
      fc.property(some, (ratios) => {
        const [one, other] = [
          ratioOf(ratios, 0.95),
          ratioOf(
            ratios.map((value) => 1 / value),
            0.95,
          ),
        ];
        assert.ok(isNear(one.estimate, 1 / other.estimate));
        assert.ok(isNear(one.low, 1 / other.high));
      }),
    );
  });

  for (const [pairs, outside] of [
    [5, 0],
    [6, 0],
    [7, 2],
    [8, 3],
    [10, 8],
    [15, 25],
  ] as const) {
    it(`takes the critical value of Wilcoxon's tables for ${pairs} pairs`, () => {
      // Powers of 2, so that the averages of their logarithms are easy to give.
      const exponents = Array.from({ length: pairs }, (_, index) => 2 ** index);
      const averages = exponents.flatMap((one, index) =>
        exponents.slice(index).map((other) => (one + other) / 2),
      );
      const sorted = averages.sort((a, b) => a - b);
      const ratios = exponents.map((exponent) => Math.exp(exponent / 64));
      const { low, high } = ratioOf(ratios, 0.95);
      assert.ok(isNear(Math.log(low) * 64, sorted[outside] ?? NaN));
      assert.ok(isNear(Math.log(high) * 64, sorted[sorted.length - 1 - outside] ?? NaN));
    });
  }

  it("is not moved by one stall", () => {
    const calm = [0.98, 0.99, 1, 1, 1.01, 1.02, 0.99, 1.01];
    assert.ok(Math.abs(ratioOf([...calm, 40], 0.95).estimate - 1) < 0.02);
  });
});
