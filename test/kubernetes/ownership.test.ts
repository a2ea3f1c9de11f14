import assert from "node:assert/strict";
import fc from "fast-check";
import {
  editedAnnotation,
  ownedProviders,
  ownerAnnotation,
  ownerMark,
  ownershipOf,
  readMark,
} from "../../src/kubernetes/ownership";
import { labelKey } from "../../src/kubernetes/syntax";

const owner = { component: "shop/prod/waf", id: "0a1b" };
const key = "owner.pulumi-sigsci-istio/waf-ext-authz";

describe("the annotations of the owner", () => {
  it("read like this", () => {
    assert.equal(ownerAnnotation("waf-ext-authz"), key);
    assert.equal(ownerMark(owner), "shop/prod/waf#0a1b");
    assert.equal(editedAnnotation("shop/prod/waf"), "edited.pulumi-sigsci-istio/f91ea7dea3");
  });

  it("have keys that Kubernetes accepts, for the longest provider and any component", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.stringMatching(/^[a-z0-9]{63}$/),
        (component, provider) => {
          assert.equal(labelKey(editedAnnotation(component)), undefined);
          assert.equal(labelKey(ownerAnnotation(provider)), undefined);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("differ between components", () => {
    assert.notEqual(editedAnnotation("shop/prod/waf"), editedAnnotation("shop/prod/waf2"));
  });

  it("are read back as they were written, whatever the names", () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[0-9a-f]{0,16}$/), (component, id) => {
        assert.deepEqual(readMark(ownerMark({ component, id })), { component, id });
        const annotations = { [ownerAnnotation("p")]: ownerMark({ component, id }) };
        assert.equal(ownershipOf(annotations, "p", { component, id }), "ours");
        assert.deepEqual(ownedProviders(annotations, { component, id }), ["p"]);
        assert.equal(ownershipOf(annotations, "p", { component: `${component}2`, id: `${id}2` }), "foreign");
      }),
      { numRuns: 100 },
    );
  });
});

describe("ownershipOf", () => {
  const of = (mark: string | undefined, id: string | undefined): string =>
    ownershipOf(mark === undefined ? {} : { [key]: mark }, "waf-ext-authz", { ...owner, id });

  it("goes by the id when it is known", () => {
    assert.equal(of(undefined, "0a1b"), "unowned");
    assert.equal(of("shop/prod/waf#0a1b", "0a1b"), "ours");
    assert.equal(of("shop/prod/waf#9999", "0a1b"), "lost");
    assert.equal(of("shop/prod/pay#9999", "0a1b"), "foreign");
  });

  it("stays ours when the component was renamed", () => {
    assert.equal(of("shop/prod/old-name#0a1b", "0a1b"), "ours");
  });

  it("goes by the name while the id is not known", () => {
    assert.equal(of(undefined, undefined), "unowned");
    assert.equal(of("shop/prod/waf#9999", undefined), "ours");
    assert.equal(of("shop/prod/pay#9999", undefined), "foreign");
  });

  it("goes by the name while neither has an id, as in the first preview of a program", () => {
    assert.equal(of("shop/prod/waf#", ""), "ours");
    assert.equal(of("shop/prod/pay#", ""), "foreign");
    assert.equal(of("shop/prod/waf#9999", ""), "lost");
  });

  it("does not take a mark without an id for that of a component with a shorter name", () => {
    assert.equal(of("shop/prod/waf2", undefined), "foreign");
    assert.equal(of("shop/prod/waf2", "0a1b"), "foreign");
    assert.equal(of("shop/prod/waf", "0a1b"), "lost");
    assert.equal(of("", "0a1b"), "foreign");
  });
});

describe("ownedProviders", () => {
  it("lists ours in the order of the annotations and nothing else", () => {
    const annotations = {
      [ownerAnnotation("b")]: "shop/prod/waf#0a1b",
      [ownerAnnotation("foreign")]: "shop/prod/pay#9999",
      [ownerAnnotation("lost")]: "shop/prod/waf#9999",
      [ownerAnnotation("a")]: "shop/prod/waf#0a1b",
      [editedAnnotation("shop/prod/waf")]: "7",
      "example.org/a": "shop/prod/waf#0a1b",
    };
    assert.deepEqual(ownedProviders(annotations, owner), ["b", "a"]);
    assert.deepEqual(ownedProviders(annotations, { ...owner, id: undefined }), ["b", "lost", "a"]);
  });
});
