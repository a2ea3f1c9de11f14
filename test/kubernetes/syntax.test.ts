import assert from "node:assert/strict";
import fc from "fast-check";
import {
  dnsLabel,
  dnsSubdomain,
  goDuration,
  goDurationNanoseconds,
  labelKey,
  labelValue,
  port,
  rfc1035Label,
} from "../../src/kubernetes/syntax";

function accepts(check: (value: string) => string | undefined, ...values: string[]): void {
  for (const value of values) {
    assert.equal(check(value), undefined, `"${value}" must be accepted`);
  }
}

function refuses(check: (value: string) => string | undefined, reason: RegExp, ...values: string[]): void {
  for (const value of values) {
    assert.match(check(value) ?? "accepted", reason, `"${value}" must be refused`);
  }
}

const labelText = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

describe("syntax of Kubernetes names", () => {
  it("takes DNS labels up to 63 characters", () => {
    accepts(dnsLabel, "a", "0", "shop-1", "1a", "a".repeat(63));
    refuses(dnsLabel, /empty/, "");
    refuses(dnsLabel, /64 characters, 63/, "a".repeat(64));
    refuses(dnsLabel, /lower-case/, "Shop", "-a", "a-", "a.b", "a_b", "a b", "ä", "a\n");
    fc.assert(
      fc.property(labelText, (text) => {
        assert.equal(dnsLabel(text), undefined);
      }),
    );
  });

  it("takes Service names that start with a letter", () => {
    accepts(rfc1035Label, "a", "waf-agent", "a1", "a".repeat(63));
    refuses(rfc1035Label, /letter first/, "1a", "-a", "a-", "A", "a.b");
    refuses(rfc1035Label, /empty/, "");
    refuses(rfc1035Label, /64 characters/, "a".repeat(64));
  });

  it("takes every RFC 1035 label as a DNS label, and every DNS label as a subdomain", () => {
    fc.assert(
      fc.property(fc.oneof(labelText, fc.string()), (text) => {
        const [asService, asLabel, asSubdomain] = [rfc1035Label(text), dnsLabel(text), dnsSubdomain(text)];
        assert.ok(asService !== undefined || asLabel === undefined);
        assert.ok(asLabel !== undefined || asSubdomain === undefined);
      }),
    );
  });

  it("takes DNS subdomains up to 253 characters", () => {
    accepts(dnsSubdomain, "sigsci.shop-prod-0a1b2c3d4e", "a.b.c", "1.2", "a".repeat(253));
    refuses(dnsSubdomain, /empty/, "");
    refuses(dnsSubdomain, /254 characters, 253/, "a".repeat(254));
    refuses(dnsSubdomain, /both sides of a dot/, "a..b", ".a", "a.", "a.-b", "a-.b", "A.b", "a_b");
  });

  it("takes label keys with and without a prefix", () => {
    accepts(labelKey, "app", "App_1.x", "app.kubernetes.io/name", `${"p".repeat(253)}/${"n".repeat(63)}`);
    refuses(labelKey, /more than one slash/, "a/b/c");
    refuses(labelKey, /before the slash, it is empty/, "/name");
    refuses(labelKey, /before the slash, only lower-case/, "Example.com/name");
    refuses(labelKey, /after the slash, it is empty/, "example.com/");
    refuses(labelKey, /after the slash, it has 64/, `a/${"n".repeat(64)}`);
    refuses(labelKey, /it is empty/, "");
    refuses(labelKey, /letter or a digit at both ends/, "-a", "a-", "a b", "a/_b");
  });

  it("takes label values, the empty one included", () => {
    accepts(labelValue, "", "v1.2_x-Y", "a".repeat(63));
    refuses(labelValue, /64 characters/, "a".repeat(64));
    refuses(labelValue, /letter or a digit at both ends/, "-a", "a ", "a/b", "ü");
  });
});

describe("syntax of ports", () => {
  it("takes whole numbers from 1 to 65535", () => {
    assert.deepEqual([1, 80, 65_535].map(port), [undefined, undefined, undefined]);
    for (const value of [0, -1, 65_536]) {
      assert.match(port(value) ?? "accepted", /from 1 to 65535/);
    }
    for (const value of [1.5, NaN, Infinity]) {
      assert.match(port(value) ?? "accepted", /whole number/);
    }
  });
});

describe("syntax of durations", () => {
  it("takes Go durations with a unit", () => {
    accepts(goDuration, "200ms", "0.2s", "1m30s", "10s", ".5s", "1.s", "1h", "1ns", "5us", "5µs", "5μs");
  });

  it("refuses what has no unit, no length or no meaning", () => {
    refuses(goDuration, /empty/, "");
    refuses(goDuration, /needs a unit/, "0.2", "200", "0", ".5", "1.");
    refuses(goDuration, /more than zero/, "-1s", "-5", "0s", "0ms", "0h0m");
    refuses(
      goDuration,
      /no duration/,
      "abc",
      "s",
      "1d",
      "1 s",
      " 1s",
      "1s ",
      "+1s",
      "1s30",
      "1e3s",
      "1,5s",
      ".s",
    );
    refuses(goDuration, /at most 292 years/, "2562048h");
    accepts(goDuration, "2562047h");
  });

  it("reads the length in nanoseconds", () => {
    assert.equal(goDurationNanoseconds("200ms"), 200_000_000);
    assert.equal(goDurationNanoseconds("0.2s"), 200_000_000);
    assert.equal(goDurationNanoseconds("1m30s"), 90_000_000_000);
    assert.equal(goDurationNanoseconds("1h1us1ns"), 3_600_000_001_001);
    assert.equal(goDurationNanoseconds("200"), undefined);
    assert.equal(goDurationNanoseconds(""), undefined);
  });

  it("adds up the parts and never throws", () => {
    const units = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(99), fc.constantFrom(...Object.keys(units))), {
          minLength: 1,
          maxLength: 6,
        }),
        (parts) => {
          const text = parts.map(([count, unit]) => `${count}${unit}`).join("");
          const expected = parts.reduce(
            // The unit was drawn from the keys of the table.
            (sum, [count, unit]) => sum + count * units[unit as keyof typeof units],
            0,
          );
          assert.equal(goDurationNanoseconds(text), expected);
          assert.equal(goDuration(text) === undefined, expected > 0);
        },
      ),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(goDuration(text) === undefined, (goDurationNanoseconds(text) ?? 0) > 0);
      }),
    );
  });
});
