import assert from "node:assert/strict";
import fc from "fast-check";
import { SelectorIndex, type Selector } from "../../src/kubernetes/selectorIndex";

const namespace = fc.constantFrom("a", "b", "c");
const labels = fc.dictionary(fc.constantFrom("app", "tier", "version"), fc.constantFrom("1", "2", "3"));
const selector: fc.Arbitrary<Selector> = fc.record({
  namespace: fc.option(namespace, { nil: undefined }),
  labels,
});

describe("SelectorIndex", () => {
  it("finds exactly the selectors that match, each once", () => {
    fc.assert(
      fc.property(fc.array(selector, { maxLength: 12 }), namespace, labels, (selectors, where, pod) => {
        const entries = selectors.map((one, value) => ({ selector: one, value }));
        const expected = entries
          .filter(({ selector: one }) => one.namespace === undefined || one.namespace === where)
          .filter(({ selector: one }) =>
            Object.entries(one.labels).every(([key, value]) => pod[key] === value),
          )
          .map(({ value }) => value);
        const found = new SelectorIndex(entries).matching(where, pod);
        assert.deepEqual(
          [...found].sort((one, other) => one - other),
          expected,
        );
      }),
    );
  });

  it("compares a pod with few selectors even if all of them share a label", () => {
    let compared = 0;
    const entries = Array.from({ length: 1000 }, (_, value) => ({
      selector: { namespace: "a", labels: { partOf: "shop", app: `app${value}` } },
      value,
    }));
    const index = new SelectorIndex(entries);
    const pod = new Proxy<Record<string, string>>(
      { partOf: "shop", app: "app500" },
      {
        get: (target, key) => {
          compared += 1;
          return typeof key === "string" ? target[key] : undefined;
        },
      },
    );
    assert.deepEqual(index.matching("a", pod), [500]);
    assert.ok(compared <= 10, `${compared} labels were looked at`);
  });
});
