import assert from "node:assert/strict";
import * as fc from "fast-check";
import { canonicalQuantity } from "./kubernetes/quantity";

/** What `resource.ParseQuantity` of Kubernetes' own apimachinery v0.36.3 makes of these texts. */
const CANONICAL: readonly (readonly [string, string])[] = [
  ["1000m", "1"],
  ["1", "1"],
  ["0.5", "500m"],
  ["1500m", "1500m"],
  ["1.5", "1500m"],
  ["100m", "100m"],
  ["1000", "1k"],
  ["1500", "1500"],
  ["1000k", "1M"],
  ["1024", "1024"],
  ["1024Mi", "1Gi"],
  ["0.5Gi", "512Mi"],
  ["1.5Gi", "1536Mi"],
  ["1000M", "1G"],
  ["1e3", "1e3"],
  ["0", "0"],
  ["0m", "0"],
  ["250Mi", "250Mi"],
  ["128974848", "128974848"],
  ["1025Ki", "1025Ki"],
  ["-1", "-1"],
  ["5n", "5n"],
  ["0.0000001", "100n"],
  ["3.14159", "3141590u"],
  ["1.5Ki", "1536"],
  ["0.3Ki", "307200m"],
];

describe("canonical quantities", () => {
  for (const [text, expected] of CANONICAL) {
    it(`${text} is stored as ${expected}`, () => {
      assert.equal(canonicalQuantity(text), expected);
    });
  }

  it("takes a number as its text", () => {
    assert.equal(canonicalQuantity(2), "2");
    assert.equal(canonicalQuantity(0.25), "250m");
  });

  it("leaves what is no quantity as it is", () => {
    for (const text of ["", "many", "1 Gi", "Gi", "1GiB"]) {
      assert.equal(canonicalQuantity(text), text);
    }
  });

  it("does not change a canonical quantity any more", () => {
    const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi");
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(999), suffix, (whole, fraction, unit) => {
        const once = canonicalQuantity(`${whole}.${fraction}${unit}`);
        assert.equal(canonicalQuantity(once), once);
      }),
    );
  });
});
