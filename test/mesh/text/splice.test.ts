import assert from "node:assert/strict";
import { configMapByteLimit, MeshTextError, readMeshText } from "../../../src/mesh/text/meshText";
import { applySplices, verifyEdit } from "../../../src/mesh/text/splice";

const list = (...names: string[]): string =>
  names.length === 0
    ? "extensionProviders: []\n"
    : `extensionProviders:\n${names.map((name) => `- name: ${name}\n`).join("")}`;
const text = (providers: string, others = "trustDomain: cluster.local\ndefaultConfig:\n  a: 1\n"): string =>
  others + providers;
const before = readMeshText(text(list("otel")));
const entries = (...names: string[]): object[] => names.map((name) => ({ name }));
const uncertain = /^the mesh text is written in a way that cannot be edited with certainty\./;
const refused = (edited: string, providers: object[]): string => {
  try {
    verifyEdit(before, edited, providers);
  } catch (error) {
    assert.ok(error instanceof MeshTextError);
    return error.message;
  }
  return assert.fail(`taken: ${edited}`);
};

describe("verifyEdit", () => {
  it("takes an edit that changes the list alone, as it was meant, and gives it back read", () => {
    const after = verifyEdit(before, text(list("waf", "otel")), entries("waf", "otel"));
    assert.deepEqual(
      after.entries.map(({ name }) => name),
      ["waf", "otel"],
    );
  });

  const changedElsewhere: Record<string, string> = {
    "another value": "trustDomain: other\ndefaultConfig:\n  a: 1\n",
    "another type": "trustDomain: cluster.local\ndefaultConfig:\n  a: '1'\n",
    "a value deeper down": "trustDomain: cluster.local\ndefaultConfig:\n  a: 2\n",
    "a key that is gone": "trustDomain: cluster.local\n",
    "a key more": "trustDomain: cluster.local\ndefaultConfig:\n  a: 1\nrootNamespace: a\n",
  };
  for (const [what, others] of Object.entries(changedElsewhere)) {
    it(`refuses ${what} outside of the list`, () => {
      assert.match(refused(text(list("waf", "otel"), others), entries("waf", "otel")), uncertain);
    });
  }

  it("refuses a list that is not the one that was meant", () => {
    for (const meant of [["otel"], ["waf"], ["otel", "waf"], ["waf", "otel", "more"], []]) {
      assert.match(refused(text(list("waf", "otel")), entries(...meant)), uncertain);
    }
    const withField = [{ name: "waf", envoyHttpAls: {} }, { name: "otel" }];
    assert.match(refused(text(list("waf", "otel")), withField), uncertain);
  });

  it("refuses a text that is no mesh text any more, and one byte more than a ConfigMap holds", () => {
    assert.match(
      refused(text(list("otel")) + list("waf"), entries("waf")),
      /duplicate key extensionProviders/,
    );
    const filler = (bytes: number): string => {
      const start = text(list("otel"));
      return `${start}#${"x".repeat(bytes - start.length - 1)}`;
    };
    verifyEdit(before, filler(configMapByteLimit), entries("otel"));
    assert.match(
      refused(filler(configMapByteLimit + 1), entries("otel")),
      /would have 1048577 bytes; the API server stores at most 1048576/,
    );
  });
});

describe("applySplices", () => {
  it("replaces parts in any order, and inserts before what is replaced at the same place", () => {
    const splices = [
      { start: 4, end: 5, text: "E" },
      { start: 0, end: 2, text: "" },
      { start: 4, end: 4, text: "-" },
    ];
    assert.equal(applySplices("abcdef", splices), "cd-Ef");
    assert.equal(applySplices("abc", []), "abc");
  });

  it("refuses parts that overlap", () => {
    const splices = [
      { start: 0, end: 3, text: "" },
      { start: 2, end: 4, text: "" },
    ];
    assert.throws(() => applySplices("abcdef", splices), { message: uncertain });
  });
});
