import assert from "node:assert/strict";
import * as fc from "fast-check";
import { forceNewPaths } from "./kubernetes/forceNew";
import { diffInputs, parsePath, withoutIgnored, type PropertyChange } from "./kubernetes/inputDiff";
import { prune } from "./kubernetes/prune";
import { UNKNOWN, type Json, type JsonObject } from "./values";

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>("a", "b", 1, 2, true),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
})).value;
const object = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), json, {
  maxKeys: 4,
  noNullPrototype: true,
});

const kinds = (changes: ReadonlyMap<string, PropertyChange>): Record<string, string> =>
  Object.fromEntries(
    [...changes].map(([path, { kind, replace }]) => [path, replace ? `${kind}-replace` : kind]),
  );
const mutability = { secretsMutable: false, configMapsMutable: false };

describe("pruning a live object", () => {
  it("keeps only what the shape has, at every depth", () => {
    const live = { kind: "X", metadata: { name: "n", uid: "u" }, status: { ready: true } };
    assert.deepEqual(prune(live, { kind: "", metadata: { name: "" } }), {
      kind: "X",
      metadata: { name: "n" },
    });
  });

  it("cuts lists by position, not by name", () => {
    const live = {
      containers: [
        { name: "web", image: "w" },
        { name: "agent", image: "a" },
      ],
    };
    const shape = { containers: [{ name: "agent", image: "a" }] };
    assert.deepEqual(prune(live, shape), { containers: [{ name: "web", image: "w" }] });
  });

  it("keeps a value of another type whole", () => {
    assert.deepEqual(prune({ a: { b: 1 } }, { a: "text" }), { a: { b: 1 } });
    assert.deepEqual(prune({ a: [{ b: 1 }] }, { a: ["text"] }), { a: [{ b: 1 }] });
  });

  it("gives an empty list when either list is empty, and a missing key when it is missing", () => {
    assert.deepEqual(prune({ a: [1], b: [] }, { a: [], b: [1], c: 1 }), { a: [], b: [] });
  });

  it("changes nothing when live and shape are the same", () => {
    fc.assert(
      fc.property(object, (value) => {
        assert.deepEqual(prune(value, value), value);
      }),
    );
  });
});

describe("comparing inputs", () => {
  it("finds nothing between equal objects", () => {
    fc.assert(
      fc.property(object, (value) => {
        assert.equal(diffInputs(value, structuredClone(value), []).size, 0);
      }),
    );
  });

  it("finds something between different objects", () => {
    fc.assert(
      fc.property(object, object, (first, second) => {
        fc.pre(JSON.stringify(sorted(first)) !== JSON.stringify(sorted(second)));
        // Empty and missing members differ too, except where both sides are empty.
        assert.ok(diffInputs(first, second, []).size > 0);
      }),
    );
  });

  it("names added, deleted and updated properties by their paths", () => {
    const old = { data: { a: "1", b: "2" }, spec: { list: [{ x: 1 }, { x: 2 }, { x: 3 }] } };
    const news: JsonObject = { data: { a: "9", c: "3" }, spec: { list: [{ x: 1, y: 5 }, { x: 7 }] } };
    assert.deepEqual(kinds(diffInputs(old, news, [])), {
      "data.a": "update",
      "data.b": "delete",
      "data.c": "add",
      "spec.list[0].y": "add",
      "spec.list[1].x": "update",
      "spec.list[2]": "delete",
    });
  });

  it("quotes keys with dots, as annotations have", () => {
    const changes = diffInputs(
      { metadata: { annotations: { "a.b/c": "1" } } },
      { metadata: { annotations: { "a.b/c": "2" } } },
      [],
    );
    assert.deepEqual([...changes.keys()], ['metadata.annotations["a.b/c"]']);
    assert.deepEqual(parsePath('metadata.annotations["a.b/c"]'), ["metadata", "annotations", "a.b/c"]);
  });

  it("reports a whole new branch once, at its top", () => {
    assert.deepEqual(kinds(diffInputs({}, { spec: { a: { b: 1 } } }, [])), { spec: "add" });
  });

  it("takes a value that is not known yet for a change", () => {
    assert.deepEqual(kinds(diffInputs({ data: { a: "1" } }, { data: { a: UNKNOWN } }, [])), {
      "data.a": "update",
    });
  });

  it("forces a replacement at, below and above a pattern", () => {
    const forceNew = ["data", "spec.selector", "metadata.name"];
    assert.deepEqual(kinds(diffInputs({ data: { a: "1" } }, { data: { a: "2" } }, forceNew)), {
      "data.a": "update-replace",
    });
    assert.deepEqual(kinds(diffInputs({ data: { a: "1" } }, { data: {} }, forceNew)), {
      "data.a": "delete-replace",
    });
    assert.deepEqual(kinds(diffInputs({}, { spec: { selector: { app: "x" } } }, forceNew)), {
      spec: "add-replace",
    });
    assert.deepEqual(kinds(diffInputs({}, { spec: { replicas: 1 } }, forceNew)), { spec: "add" });
    assert.deepEqual(kinds(diffInputs({ metadata: { name: "a" } }, {}, forceNew)), { metadata: "delete" });
  });

  it("leaves ignored changes out, below a path and with a wildcard", () => {
    const changes = diffInputs(
      { data: { a: "1" }, spec: { list: [{ x: 1, y: 1 }] } },
      { data: { a: "2" }, spec: { list: [{ x: 2, y: 2 }] } },
      [],
    );
    assert.deepEqual([...withoutIgnored(changes, ["data"]).keys()], ["spec.list[0].x", "spec.list[0].y"]);
    assert.deepEqual([...withoutIgnored(changes, ["spec.list[*].x"]).keys()], ["data.a", "spec.list[0].y"]);
  });
});

describe("what forces a replacement", () => {
  const secret = { apiVersion: "v1", kind: "Secret" };
  const configMap = { apiVersion: "v1", kind: "ConfigMap" };
  const identity = ["metadata.name", "metadata.namespace"];

  it("is only the identity for a Patch", () => {
    assert.deepEqual(forceNewPaths(secret, true, mutability), identity);
  });

  it("is the data of a Secret or ConfigMap unless they are mutable", () => {
    assert.deepEqual(forceNewPaths(secret, false, mutability), [...identity, "type", "stringData", "data"]);
    assert.deepEqual(forceNewPaths(configMap, false, mutability), [...identity, "binaryData", "data"]);
    const mutable = { secretsMutable: true, configMapsMutable: true };
    assert.deepEqual(forceNewPaths(secret, false, mutable), [...identity, "type"]);
    assert.deepEqual(forceNewPaths(configMap, false, mutable), identity);
    const immutable = { ...configMap, immutable: true };
    assert.deepEqual(forceNewPaths(immutable, false, mutable), [...identity, "binaryData", "data"]);
  });

  it("is the selector of a workload, and nothing but the identity of a custom resource", () => {
    const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
    assert.deepEqual(forceNewPaths(deployment, false, mutability), [...identity, "spec.selector"]);
    const custom = { apiVersion: "networking.istio.io/v1", kind: "Secret" };
    assert.deepEqual(forceNewPaths(custom, false, mutability), identity);
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([first], [second]) => first.localeCompare(second));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
