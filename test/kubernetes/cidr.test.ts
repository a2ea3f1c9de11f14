import assert from "node:assert/strict";
import fc from "fast-check";
import { cidrBlock } from "../../src/kubernetes/cidr";

describe("CIDR blocks", () => {
  it("are an address and the length of its prefix", () => {
    const blocks = [
      "0.0.0.0/0",
      "::/0",
      "10.0.0.0/8",
      "203.0.113.7/32",
      "2001:db8::/32",
      "2001:DB8:0::1/128",
    ];
    for (const block of [...blocks, "::1/128", "1:2:3:4:5:6:7:8/128", "fe80::/10", "::8000:0/97"]) {
      assert.equal(cidrBlock(block), undefined, block);
    }
    const others = [
      "",
      "10.0.0.0",
      "10.0.0.0/33",
      "::/129",
      "10.0.0/8",
      "10.0.0.0/8/8",
      "a/8",
      "10.0.0.0/08",
    ];
    for (const text of [
      ...others,
      "010.0.0.0/8",
      "fe80::1%eth0/64",
      "10.0.0.0/",
      "/8",
      "10.0.0.0/-1",
      " ::/0",
    ]) {
      assert.equal(cidrBlock(text), "it is no CIDR block", text);
    }
  });

  it("have no bits after the prefix, which newer API servers refuse", () => {
    for (const block of ["10.0.0.1/8", "128.0.0.0/0", "2001:db8::1/64", "2001:db8:8000::/32"]) {
      assert.match(cidrBlock(block) ?? "accepted", /bits after its prefix/, block);
    }
    for (const block of ["::ffff:1.2.3.0/120", "::ffff:0:0/96"]) {
      assert.match(cidrBlock(block) ?? "accepted", /IPv4 block written as IPv6/, block);
    }
  });

  it("are fine exactly when all bits after the prefix are zero", () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), fc.nat(32), (address, length) => {
        const text = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
        assert.equal(cidrBlock(`${text}/${length}`) === undefined, address % 2 ** (32 - length) === 0);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.nat(128), (groups, length) => {
        const binary = groups.map((group) => group.toString(2).padStart(16, "0")).join("");
        const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
        const text = groups.map((group) => group.toString(16)).join(":");
        assert.equal(
          cidrBlock(`${text}/${length}`) === undefined,
          !mapped && !binary.slice(length).includes("1"),
        );
      }),
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), fc.string(), (address, length) => {
        const reason = cidrBlock(`${address}/${length}`);
        assert.ok(reason === undefined || reason.length > 0);
      }),
    );
  });
});
