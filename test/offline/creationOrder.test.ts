import assert from "node:assert/strict";
import fc from "fast-check";
import { creationOrder } from "../../src/offline/creationOrder";
import type { RecordedResource } from "../../src/offline/recordedResource";

function resource(urn: string, dependencies: readonly string[], parent?: string): RecordedResource {
  return {
    urn,
    type: "t",
    name: urn,
    parent,
    custom: true,
    isRead: false,
    id: urn,
    inputs: {},
    outputs: {},
    dependencies,
    options: {
      retainOnDelete: false,
      protect: false,
      deleteBeforeReplace: false,
      ignoreChanges: [],
      replaceOnChanges: [],
      additionalSecretOutputs: [],
      deletedWith: undefined,
      provider: undefined,
      aliases: 0,
    },
  };
}

function order(...resources: RecordedResource[]): string {
  return creationOrder(resources)
    .map(({ urn }) => urn)
    .join(" ");
}

describe("creationOrder", () => {
  it("keeps the given order where nothing speaks against it", () => {
    assert.equal(order(resource("a", []), resource("b", []), resource("c", ["a"])), "a b c");
  });

  it("pulls forward what a resource waits for, and its parent", () => {
    assert.equal(
      order(resource("a", ["c"]), resource("b", []), resource("c", [], "p"), resource("p", [])),
      "p c a b",
    );
  });

  it("places every resource once, after all it waits for", () => {
    const graph = fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 20 }).chain((links) =>
      fc
        .shuffledSubarray(
          links.map((_, index) => index),
          { minLength: links.length },
        )
        .map((given) => ({ links, given })),
    );
    fc.assert(
      fc.property(graph, ({ links, given }) => {
        // Links only to lower numbers: no cycles; shuffled, so that the given order says nothing.
        const all = links.map((link, index) =>
          resource(String(index), link.filter((to) => to < index).map(String)),
        );
        const ordered = creationOrder(given.flatMap((index) => all[index] ?? []));
        const places = new Map(ordered.map(({ urn }, place) => [urn, place]));
        assert.equal(places.size, all.length);
        for (const { urn, dependencies } of all) {
          for (const dependency of dependencies) {
            assert.ok(
              (places.get(dependency) ?? 0) < (places.get(urn) ?? 0),
              `${urn} comes before ${dependency}`,
            );
          }
        }
      }),
    );
  });
});
