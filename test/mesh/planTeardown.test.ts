import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { planMeshEdit } from "../../src/mesh/planMeshEdit";
import { authorizer, contribution, marksOf, meshConfigMap, providerLists } from "./contributions";
import { meshTexts } from "./text/meshTexts";

const wanted = contribution([authorizer("waf-a")]);
const teardown = { ...wanted, teardown: true };
const pay = contribution([authorizer("pay-a")], { owner: { component: "shop/prod/pay", id: "77" } });
const text =
  "extensionProviders:\n- name: waf-a\n- name: waf-old\n- name: waf-b\n- name: pay-a\n- name: lost\n";

describe("planMeshEdit in teardown", () => {
  it("removes every entry with our mark and only these", () => {
    const annotations = {
      ...marksOf(wanted, "waf-a", "waf-old", "waf-gone"),
      ...marksOf(pay, "pay-a"),
      "owner.pulumi-sigsci-istio/lost": "shop/prod/waf#9999",
    };
    assert.deepEqual(planMeshEdit(meshConfigMap(text, annotations), teardown), {
      text: "extensionProviders:\n- name: waf-b\n- name: pay-a\n- name: lost\n",
      unchanged: false,
      marked: [],
      annotations: {},
      notes: [
        "istio-system/istio: waf-a removed. `pulumi destroy` may follow.",
        "istio-system/istio: waf-old removed. `pulumi destroy` may follow.",
      ],
    });
  });

  it("leaves an entry of our name without our mark", () => {
    const plan = planMeshEdit(meshConfigMap(text, marksOf(pay, "pay-a")), teardown);
    assert.equal(plan.text, text);
    assert.equal(plan.unchanged, true);
  });

  it("says that nothing is left", () => {
    const nothing = ["istio-system/istio: nothing of this component is left. `pulumi destroy` may follow."];
    for (const annotations of [{}, marksOf(wanted, "waf-gone")]) {
      assert.deepEqual(planMeshEdit(meshConfigMap("a: 1\n", annotations), teardown), {
        text: "a: 1\n",
        unchanged: true,
        marked: [],
        annotations: {},
        notes: nothing,
      });
    }
  });

  it("gives back the text that the component found, byte for byte", () => {
    fc.assert(
      fc.property(meshTexts, providerLists, (before, providers) => {
        const component = contribution(providers);
        const planned = planMeshEdit(meshConfigMap(before), component);
        const annotations = marksOf(component, ...planned.marked);
        const after = planMeshEdit(meshConfigMap(planned.text, annotations), {
          ...component,
          teardown: true,
        });
        assert.equal(after.text, before);
      }),
      { numRuns: 40 },
    );
  });
});

describe("planMeshEdit of two components", () => {
  const other = { component: "shop/prod/other", id: "77" };
  const otherLists = providerLists.map((list) => list.map((one) => ({ ...one, name: `other-${one.name}` })));
  interface Entry {
    name?: string;
  }
  // The texts are made here; their shape is known.
  const meaning = (mesh: string): unknown => {
    const config = parse(mesh) as { extensionProviders: Entry[] };
    const names = config.extensionProviders.map((one) => one.name ?? "").sort();
    const byName = new Map(config.extensionProviders.map((one) => [one.name ?? "", one]));
    return { ...config, extensionProviders: names.map((name) => byName.get(name)) };
  };

  it("means the same in either order, and neither changes the other's entries afterwards", () => {
    fc.assert(
      fc.property(meshTexts, providerLists, otherLists, (before, mine, theirs) => {
        const first = contribution(mine);
        const second = contribution(theirs, { owner: other });
        const ab = planMeshEdit(meshConfigMap(before), second, [first]);
        const ba = planMeshEdit(meshConfigMap(before), first, [second]);
        assert.deepEqual(meaning(ab.text), meaning(ba.text));
        const annotations = {
          ...marksOf(first, ...ba.marked),
          ...marksOf(second, ...ab.marked),
        };
        assert.equal(planMeshEdit(meshConfigMap(ab.text, annotations), first).unchanged, true);
        assert.equal(planMeshEdit(meshConfigMap(ba.text, annotations), second, [first]).unchanged, true);
      }),
      { numRuns: 25 },
    );
  });

  it("is the same whether the first has written before the second reads or not", () => {
    fc.assert(
      fc.property(meshTexts, providerLists, otherLists, (before, mine, theirs) => {
        const first = contribution(mine);
        const second = contribution(theirs, { owner: other });
        const written = planMeshEdit(meshConfigMap(before), first);
        const read = meshConfigMap(written.text, marksOf(first, ...written.marked));
        assert.equal(
          planMeshEdit(read, second).text,
          planMeshEdit(meshConfigMap(before), second, [first]).text,
        );
      }),
      { numRuns: 25 },
    );
  });
});
