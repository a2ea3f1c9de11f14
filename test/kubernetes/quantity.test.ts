import assert from "node:assert/strict";
import fc from "fast-check";
import { byteQuantity, quantity, quantityCeiling, quantityNanos } from "../../src/kubernetes/quantity";

const nano = 1_000_000_000n;

describe("Kubernetes quantities", () => {
  it("reads every suffix exactly", () => {
    const values: [string, bigint][] = [
      ["1", nano],
      ["1500m", 1_500_000_000n],
      ["1.5", 1_500_000_000n],
      ["0.5", 500_000_000n],
      [".5", 500_000_000n],
      ["5.", 5n * nano],
      ["1n", 1n],
      ["20n", 20n],
      ["1u", 1000n],
      ["2k", 2000n * nano],
      ["2M", 2_000_000n * nano],
      ["1G", 1_000_000_000n * nano],
      ["1T", 10n ** 12n * nano],
      ["1P", 10n ** 15n * nano],
      ["1E", 10n ** 18n * nano],
      ["1Ki", 1024n * nano],
      ["1.5Mi", 1_572_864n * nano],
      ["1Gi", 1024n ** 3n * nano],
      ["1Ti", 1024n ** 4n * nano],
      ["1Pi", 1024n ** 5n * nano],
      ["1Ei", 1024n ** 6n * nano],
      ["1e3", 1000n * nano],
      ["1E-3", 1_000_000n],
      ["+1", nano],
      ["-1", -nano],
      ["0.0000000001", 1n],
      ["0.1n", 1n],
    ];
    for (const [text, expected] of values) {
      assert.equal(quantityNanos(text), expected, text);
    }
    assert.equal(quantityNanos(2), 2n * nano);
  });

  it("refuses what is no quantity", () => {
    for (const text of [
      "abc",
      ".",
      "1 Gi",
      "1gi",
      "1K",
      "1KB",
      "1e",
      "1e100",
      "1Gie3",
      "1.2.3",
      " 1",
      "1\n",
      "0x1",
    ]) {
      assert.match(quantity(text) ?? "accepted", /no Kubernetes quantity/, text);
    }
    assert.match(quantity("") ?? "accepted", /empty/);
    assert.match(quantity("-1") ?? "accepted", /not negative/);
    assert.equal(quantity("0"), undefined);
  });

  it("refuses fractions of a byte", () => {
    assert.match(byteQuantity("512m") ?? "accepted", /fraction of a byte/);
    assert.match(byteQuantity("abc") ?? "accepted", /no Kubernetes quantity/);
    for (const text of ["512Mi", "0.1Gi", "1e9", "1M"]) {
      assert.equal(byteQuantity(text), undefined, text);
    }
  });

  it("rounds up to whole units", () => {
    const ceilings: [string, bigint][] = [
      ["1", 1n],
      ["1500m", 2n],
      ["1001m", 2n],
      ["1000m", 1n],
      ["1m", 1n],
      ["0", 0n],
      ["2.0", 2n],
      ["-1500m", -1n],
    ];
    for (const [text, expected] of ceilings) {
      assert.equal(quantityCeiling(text), expected, text);
    }
    assert.equal(quantityCeiling("two"), undefined);
  });

  it("counts thousandths and whole numbers alike, and rounds up by less than one", () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (thousandths) => {
        const nanos = quantityNanos(`${thousandths}m`) ?? -1n;
        const decimal = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, "0")}`;
        assert.equal(nanos, quantityNanos(decimal));
        assert.equal(quantityCeiling(`${thousandths}m`), BigInt(Math.ceil(thousandths / 1000)));
      }),
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(quantity(text) === undefined, (quantityNanos(text) ?? -1n) >= 0n);
      }),
    );
  });
});
