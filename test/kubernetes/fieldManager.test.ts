import assert from "node:assert/strict";
import fc from "fast-check";
import { fieldManager } from "../../src/kubernetes/fieldManager";
import type { PatchIdentity } from "../../src/kubernetes/fieldManager";

const identity: fc.Arbitrary<PatchIdentity> = fc.record(
  {
    owner: fc.constantFrom("0123456789abcdef", "fedcba9876543210", "istiod"),
    patch: fc.string({ maxLength: 300 }),
    provider: fc.string({ maxLength: 40 }),
  },
  { requiredKeys: ["owner", "patch"] },
);

describe("fieldManager", () => {
  it("stays the same: another name would be another owner of what is there", () => {
    const owner = "0123456789abcdef";
    assert.equal(
      fieldManager({ owner, patch: "storefront-workload" }),
      "pulumi-sigsci-istio-0123456789abcdef-003a8ba146",
    );
    assert.equal(
      fieldManager({ owner, patch: "storefront-workload", provider: "1" }),
      "pulumi-sigsci-istio-0123456789abcdef-03af138365",
    );
  });

  it("is another one for each owner, patch and provider, and fits", () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const isSame =
          one.owner === other.owner && one.patch === other.patch && one.provider === other.provider;
        assert.equal(fieldManager(one) === fieldManager(other), isSame);
        assert.ok(fieldManager(one).length <= 128);
      }),
    );
  });
});
