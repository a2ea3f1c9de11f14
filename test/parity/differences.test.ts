import assert from "node:assert/strict";
import { added, assertDifferences, changed, dropped, reasonsOf } from "./differences";
import type { Difference } from "./differences";

const guide = { name: "a", list: [{ name: "x", value: 1 }], ports: [{ port: 1 }], gone: true };
const ours = { name: "b", list: [{ name: "y" }, { name: "x", value: 1 }], ports: [{ port: 1, more: {} }] };

const all: Difference[][] = [
  changed("name", "a", "b", ""),
  added("list", { "[y]": { name: "y" } }, ""),
  added("ports[0]", { more: {} }, ""),
  dropped("gone", true, ""),
];

const holds = (named: Difference[][], theirs: unknown = guide, own: unknown = ours): boolean => {
  try {
    assertDifferences(theirs, own, named.flat());
    return true;
  } catch (error) {
    assert.ok(error instanceof assert.AssertionError);
    return false;
  }
};

describe("assertDifferences", () => {
  it("holds when every difference is named, and only then", () => {
    assert.ok(holds(all));
    all.forEach((_, index) => {
      assert.ok(!holds(all.filter((_one, position) => position !== index)), `without ${index}`);
    });
  });

  it("fails on a difference that is not there, or has another value", () => {
    assert.ok(!holds([...all, added("", { more: 1 }, "")]));
    assert.ok(!holds([...all.slice(1), changed("name", "a", "c", "")]));
    assert.ok(!holds([...all.slice(1), changed("name", "c", "b", "")]));
  });

  it("takes a pattern for a text of ours", () => {
    assert.ok(holds([...all.slice(1), changed("name", "a", /^b$/, "")]));
    assert.ok(!holds([...all.slice(1), changed("name", "a", /^c$/, "")]));
  });

  it("tells a text from a number, a list from its items' order, and nothing from something", () => {
    assert.ok(!holds([], { port: "9999" }, { port: 9999 }));
    assert.ok(!holds([], ["a", "b"], ["b", "a"]));
    assert.ok(!holds([], { a: {} }, {}));
    assert.ok(!holds([], [1], []));
    assert.ok(holds([], [], []) && holds([], {}, {}));
    assert.ok(!holds([], {}, []));
  });

  it("puts the fields in front of their reason", () => {
    const named = [
      changed("spec.ports[grpc].targetPort", 9999, "grpc", "a"),
      dropped("list[x].gone", true, "a"),
      added("spec.env", { "[NAME]": {} }, "b"),
      added("labels", { one: 1, two: 2, three: 3, "app.example/four": 4 }, "c"),
    ];
    assert.deepEqual(reasonsOf(named.flat()), ["`targetPort`, `gone`: a", "`env`: b", "`labels`: c"]);
  });
});
