import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { TargetRefKind } from "../../src/args/targets";
import { proxiesKey } from "../../src/enforcement/proxiesKey";
import type { TargetArgs } from "../../src/args/targets";

const key = (target: Partial<TargetArgs>): string | undefined =>
  proxiesKey({ name: "t", namespace: "shop", ...target });
const one = { kind: TargetRefKind.Gateway, name: "one" };
const two = { kind: TargetRefKind.Gateway, name: "two" };

describe("proxiesKey", () => {
  it("is the same whatever the order of labels and references, and whatever the name", () => {
    assert.equal(
      key({ matchLabels: { a: "1", b: "2" } }),
      key({ name: "x", matchLabels: { b: "2", a: "1" } }),
    );
    assert.equal(key({ targetRefs: [one, two] }), key({ targetRefs: [two, one] }));
  });

  it("differs by namespace, labels and references", () => {
    const keys = [{}, { namespace: "pay" }, { matchLabels: { a: "1" } }, { targetRefs: [one] }].map(key);
    assert.equal(new Set(keys).size, 4);
  });

  it("is not known while the namespace is not", () => {
    assert.equal(key({ namespace: pulumi.output("shop") }), undefined);
  });
});
