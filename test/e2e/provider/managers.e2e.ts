import assert from "node:assert/strict";
import { adoptionPatch, fieldManagerName, forcesConflicts, ownsField } from "./kubernetes/fieldManager";
import type { JsonObject } from "./values";

const entry = (
  manager: string,
  operation: string,
  fieldsV1: JsonObject,
  subresource?: string,
): JsonObject => ({
  manager,
  operation,
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});
const object = (...managedFields: JsonObject[]): JsonObject => ({ metadata: { managedFields } });
const annotated = (annotations: JsonObject): JsonObject => ({ metadata: { annotations } });

describe("the name of the field manager", () => {
  it("is the annotation's, else the state's, else a new random one", () => {
    const annotation = annotated({ "pulumi.com/patchFieldManager": "named" });
    assert.equal(fieldManagerName({ __fieldManager: "stored" }, annotation), "named");
    assert.equal(fieldManagerName({ __fieldManager: "stored" }, {}), "stored");
    assert.match(fieldManagerName({}, {}), /^pulumi-kubernetes-[0-9a-f]{8}$/);
  });
});

describe("force", () => {
  const created = object(entry("pulumi-kubernetes", "Update", {}));

  it("follows the annotation and the provider's setting", () => {
    assert.equal(forcesConflicts(annotated({ "pulumi.com/patchForce": "true" }), {}, false, false), true);
    assert.equal(forcesConflicts(annotated({ "pulumi.com/patchForce": "yes" }), {}, false, false), false);
    assert.equal(forcesConflicts({}, {}, false, true), true);
  });

  it("is used in a preview where the real run meets no conflict", () => {
    assert.equal(forcesConflicts({}, undefined, true, false), true);
    assert.equal(forcesConflicts({}, created, true, false), true);
    assert.equal(forcesConflicts({}, object(entry("somebody", "Update", {})), true, false), false);
    assert.equal(forcesConflicts({}, created, false, false), false);
  });
});

describe("taking over the fields of client-side writers", () => {
  it("renames the only entry", () => {
    const fields = { "f:data": { "f:a": {} } };
    const theirs = entry("istio-operator", "Apply", {});
    assert.deepEqual(adoptionPatch(object(entry("pulumi-kubernetes", "Update", fields), theirs), "me"), [
      { op: "replace", path: "/metadata/managedFields", value: [theirs, entry("me", "Apply", fields)] },
    ]);
  });

  it("merges into an entry that is there, and goes by prefix", () => {
    const patch = adoptionPatch(
      object(
        entry("me", "Apply", { "f:data": { "f:a": {} } }),
        entry("kubectl-client-side-apply", "Update", { "f:data": { "f:b": {} }, "f:type": {} }),
      ),
      "me",
    );
    const merged = { "f:data": { "f:a": {}, "f:b": {} }, "f:type": {} };
    assert.deepEqual(patch[0]?.value, [entry("me", "Apply", merged)]);
  });

  it("does nothing without such a writer, and never touches a subresource", () => {
    assert.deepEqual(adoptionPatch(object(entry("me", "Apply", {})), "me"), []);
    assert.deepEqual(adoptionPatch(object(entry("kubectl", "Update", {}, "status")), "me"), []);
  });
});

describe("owning a field", () => {
  it("counts anything below the path", () => {
    const live = object(entry("me", "Apply", { "f:data": { "f:mesh": {} } }));
    const mine = (manager: string): boolean => manager === "me";
    assert.equal(ownsField(live, ["data"], mine), true);
    assert.equal(ownsField(live, ["data", "mesh"], mine), true);
    assert.equal(ownsField(live, ["data", "other"], mine), false);
    assert.equal(
      ownsField(live, ["data"], (manager) => !mine(manager)),
      false,
    );
  });
});
