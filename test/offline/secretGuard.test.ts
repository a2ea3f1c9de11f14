import assert from "node:assert/strict";
import fc from "fast-check";
import { createSecretGuard } from "../../src/offline/secretGuard";

describe("createSecretGuard", () => {
  it("replaces secrets everywhere in a value, in plain and in base64, keys included", () => {
    const guard = createSecretGuard(["hunter22", "a.b*c("]);
    const given = {
      "key hunter22": ["x a.b*c( y", { deep: Buffer.from("hunter22").toString("base64"), n: 1 }],
    };
    assert.deepEqual(guard.value(given), { "key [secret]": ["x [secret] y", { deep: "[secret]", n: 1 }] });
  });

  it("replaces the longer of two secrets of which one is part of the other", () => {
    assert.equal(createSecretGuard(["hunter", "hunter22"]).text("hunter22 hunter"), "[secret] [secret]");
  });

  it("leaves texts alone that are too short to be secrets", () => {
    assert.equal(createSecretGuard(["abc", ""]).text("abc"), "abc");
  });

  it("leaves no secret in any text", () => {
    const secret = fc.string({ minLength: 4, maxLength: 30 }).filter((text) => !"[secret]".includes(text));
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 5 }), fc.string(), fc.string(), (secrets, before, after) => {
        const guard = createSecretGuard(secrets);
        for (const one of secrets) {
          const shown = guard.text(`${before} ${one} ${after}`);
          // What is between two replacements was there before; only the mark itself is new.
          for (const piece of shown.split("[secret]")) {
            assert.ok(!piece.includes(one), shown);
          }
        }
      }),
    );
  });
});
