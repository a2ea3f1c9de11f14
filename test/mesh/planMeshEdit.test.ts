import assert from "node:assert/strict";
import { planMeshEdit } from "../../src/mesh/planMeshEdit";
import {
  authorizer,
  contribution,
  definitions,
  entryLines as entry,
  marksOf,
  meshConfigMap,
} from "./contributions";

const checks = "checks by waf.sigsci.svc:9999, no body, fails open after 200ms";
const list = (...lines: string[][]): string =>
  ["rootNamespace: istio-system", "extensionProviders:", ...lines.flat(), ""].join("\n");
const wanted = contribution([authorizer("waf-a"), authorizer("waf-b")]);
const marks = marksOf(wanted, "waf-a", "waf-b");

describe("planMeshEdit", () => {
  it("adds what is missing and marks it", () => {
    assert.deepEqual(planMeshEdit(meshConfigMap("rootNamespace: istio-system\n"), wanted), {
      text: list(entry("waf-a"), entry("waf-b")).replace(":\n-", ": # list added by sigsci-istio\n-"),
      unchanged: false,
      marked: ["waf-a", "waf-b"],
      annotations: definitions("waf-a", "waf-b"),
      notes: [`istio-system/istio: waf-a added: ${checks}`, `istio-system/istio: waf-b added: ${checks}`],
    });
  });

  it("leaves what is there already, and says nothing", () => {
    const text = list(entry("waf-a"), entry("waf-b"));
    assert.deepEqual(planMeshEdit(meshConfigMap(text, marks), wanted), {
      text,
      unchanged: true,
      marked: ["waf-a", "waf-b"],
      annotations: definitions("waf-a", "waf-b"),
      notes: [],
    });
  });

  it("changes what differs and names the fields", () => {
    const plan = planMeshEdit(meshConfigMap(list(entry("waf-a", "1s"), entry("waf-b")), marks), wanted);
    assert.deepEqual(plan, {
      text: list(entry("waf-a"), entry("waf-b")),
      unchanged: false,
      marked: ["waf-a", "waf-b"],
      annotations: definitions("waf-a", "waf-b"),
      notes: ['istio-system/istio: waf-a changed: envoyExtAuthzGrpc.timeout: "1s" -> "200ms"'],
    });
  });

  it("restores an entry of ours that somebody removed, and says so", () => {
    const plan = planMeshEdit(meshConfigMap(list(entry("waf-b")), marks), wanted);
    assert.equal(plan.text, list(entry("waf-a"), entry("waf-b")));
    assert.deepEqual(plan.notes, [`istio-system/istio: waf-a restored, somebody removed it: ${checks}`]);
  });

  it("knows its own entries by name while its id is not known, and marks them", () => {
    const preview = { ...wanted, owner: { component: "shop/prod/waf", id: undefined } };
    const plan = planMeshEdit(meshConfigMap(list(entry("waf-a"), entry("waf-b")), marks), preview);
    assert.equal(plan.unchanged, true);
    assert.deepEqual(plan.marked, ["waf-a", "waf-b"]);
  });

  it("leaves an entry under an old name, keeps its mark and says how to remove it", () => {
    const text = list(entry("waf-old"), entry("waf-a"));
    const plan = planMeshEdit(
      meshConfigMap(text, marksOf(wanted, "waf-old", "waf-a", "waf-gone")),
      contribution([authorizer("waf-a")]),
    );
    assert.deepEqual(plan, {
      text,
      unchanged: true,
      marked: ["waf-a", "waf-old"],
      annotations: definitions("waf-a"),
      notes: [
        "istio-system/istio: waf-old stays, although this component no longer uses it: a policy may still refer to " +
          "it. `teardown: true` removes it.",
      ],
    });
  });

  it("names the ConfigMap that it was given", () => {
    const canary = { ...meshConfigMap("a: 1\n"), id: "mesh/istio-canary" };
    assert.deepEqual(planMeshEdit(canary, contribution([authorizer("waf-a")])).notes, [
      `mesh/istio-canary: waf-a added: ${checks}`,
    ]);
  });
});

describe("planMeshEdit after others of the same program", () => {
  const pay = contribution([authorizer("pay-a")], { owner: { component: "shop/prod/pay", id: "77" } });

  it("keeps what they want, although the text that was read does not show it yet", () => {
    const plan = planMeshEdit(meshConfigMap(list(entry("other"))), contribution([authorizer("waf-a")]), [
      pay,
    ]);
    assert.deepEqual(plan, {
      text: list(entry("waf-a"), entry("pay-a"), entry("other")),
      unchanged: false,
      marked: ["waf-a"],
      annotations: definitions("waf-a"),
      notes: [`istio-system/istio: waf-a added: ${checks}`],
    });
  });

  it("leaves the text when it holds everything of all", () => {
    const text = list(entry("pay-a"), entry("waf-a"));
    const read = meshConfigMap(text, { ...marksOf(pay, "pay-a"), ...marksOf(wanted, "waf-a") });
    const plan = planMeshEdit(read, contribution([authorizer("waf-a")]), [pay]);
    assert.equal(plan.text, text);
    assert.equal(plan.unchanged, true);
  });

  it("takes out what they take out", () => {
    const read = meshConfigMap(list(entry("pay-a"), entry("waf-a")), {
      ...marksOf(pay, "pay-a"),
      ...marksOf(wanted, "waf-a"),
    });
    const plan = planMeshEdit(read, contribution([authorizer("waf-a")]), [{ ...pay, teardown: true }]);
    assert.equal(plan.text, list(entry("waf-a")));
    assert.deepEqual(plan.notes, []);
  });

  it("does not remove what they want in its own teardown", () => {
    const read = meshConfigMap(list(entry("waf-a")), marksOf(wanted, "waf-a"));
    const plan = planMeshEdit(read, { ...wanted, teardown: true }, [pay]);
    assert.equal(plan.text, list(entry("pay-a")));
  });

  it("takes nothing of theirs for its own while no component has an id, as in a first preview", () => {
    const first = { ...pay, owner: { ...pay.owner, id: "" } };
    const second = { ...wanted, owner: { ...wanted.owner, id: "" } };
    const plan = planMeshEdit(meshConfigMap(list()), second, [first]);
    assert.deepEqual(plan.marked, ["waf-a", "waf-b"]);
    assert.deepEqual(plan.notes, [
      `istio-system/istio: waf-a added: ${checks}`,
      `istio-system/istio: waf-b added: ${checks}`,
    ]);
    const sameName = { ...second, providers: [authorizer("pay-a")] };
    assert.throws(
      () => planMeshEdit(meshConfigMap(list()), sameName, [first]),
      /belongs to shop\/prod\/pay\./,
    );
  });

  it("refuses a name that one of them uses", () => {
    assert.throws(() => planMeshEdit(meshConfigMap(list()), contribution([authorizer("pay-a")]), [pay]), {
      name: "MeshRefusal",
      message:
        "Mesh configuration in ConfigMap istio-system/istio: provider pay-a (line 3 of the text) belongs to shop/prod/pay.\n" +
        "    Rename this component or choose other names with `mesh.providerNames`. If that component is gone, remove " +
        "the annotation owner.pulumi-sigsci-istio/pay-a and set `mesh.adopt: true`.\n" +
        "    Nothing was written.",
    });
  });

  it("takes an unmarked entry of the same content for its own", () => {
    const plan = planMeshEdit(meshConfigMap(list(entry("waf-a"), entry("waf-b"))), wanted);
    assert.equal(plan.unchanged, true);
    assert.deepEqual(plan.marked, ["waf-a", "waf-b"]);
  });

  it("adds what a later component will add, but never changes what it will change", () => {
    const text = list(entry("pay-a", "1s"));
    const providers = [authorizer("pay-a"), authorizer("pay-b")];
    const later = [{ component: "shop/prod/pay", providers }];
    const plan = planMeshEdit(meshConfigMap(text), wanted, [], later);
    assert.equal(plan.text, list(entry("pay-b"), entry("waf-a"), entry("waf-b"), entry("pay-a", "1s")));
    assert.deepEqual(plan.marked, ["waf-a", "waf-b"]);
    assert.deepEqual(plan.annotations, {
      ...definitions("waf-a", "waf-b"),
      "early.pulumi-sigsci-istio/pay-a": "shop/prod/pay",
      "early.pulumi-sigsci-istio/pay-b": "shop/prod/pay",
    });
    assert.equal(plan.notes.length, 2);
  });

  it("lets a component that failed before it wrote change what was written early for it", () => {
    const early = { "early.pulumi-sigsci-istio/waf-a": "shop/prod/waf" };
    const text = list(entry("waf-a", "1s"));
    const plan = planMeshEdit(meshConfigMap(text, early), contribution([authorizer("waf-a")]));
    assert.equal(plan.text, list(entry("waf-a")));
    const left = planMeshEdit(meshConfigMap(text, early), { ...wanted, teardown: true });
    assert.equal(left.text, list());
    const other = { component: "shop/prod/other", id: "0a1c" };
    assert.throws(
      () => planMeshEdit(meshConfigMap(text, early), contribution([authorizer("waf-a")], { owner: other })),
      /provider waf-a \(line 3 of the text\) is not ours/,
    );
  });

  it("says for whom an entry was written early as long as that component is in the program", () => {
    const early = { "early.pulumi-sigsci-istio/pay-old": "shop/prod/pay" };
    const text = list(entry("pay-old"));
    const plan = planMeshEdit(
      meshConfigMap(text, early),
      wanted,
      [],
      [{ component: "shop/prod/pay", providers: [] }],
    );
    assert.deepEqual(plan.annotations, { ...definitions("waf-a", "waf-b"), ...early });
    assert.deepEqual(
      planMeshEdit(meshConfigMap(text, early), wanted).annotations,
      definitions("waf-a", "waf-b"),
    );
  });

  it("restores what another component has written down", () => {
    const pay = contribution([authorizer("pay-a"), authorizer("pay-b")], {
      owner: { component: "shop/prod/pay", id: "0a1c" },
    });
    const annotations = {
      ...marks,
      ...definitions("waf-a", "waf-b", "pay-a", "pay-b"),
      ...marksOf(pay, "pay-a", "pay-b"),
    };
    const text = list(entry("pay-a", "1s"), entry("waf-a"), entry("waf-b"));
    const plan = planMeshEdit(meshConfigMap(text, annotations), wanted);
    assert.equal(plan.text, list(entry("pay-b"), entry("pay-a"), entry("waf-a"), entry("waf-b")));
    assert.equal(plan.unchanged, false);
    assert.deepEqual(plan.notes, [
      'istio-system/istio: pay-a changed: envoyExtAuthzGrpc.timeout: "1s" -> "200ms". It belongs to shop/prod/pay.',
      `istio-system/istio: pay-b restored, somebody removed it: ${checks}. It belongs to shop/prod/pay.`,
    ]);
  });

  it("does not restore what carries no mark, or what no definition is kept of", () => {
    const pay = contribution([], { owner: { component: "shop/prod/pay", id: "0a1c" } });
    const annotations = {
      ...marks,
      ...definitions("unmarked"),
      ...marksOf(pay, "undefined", "broken", "renamed", "kindless"),
      "entry.pulumi-sigsci-istio/kindless": '{"name":"kindless","envoyExtAuthzGrpc":"no"}',
      "entry.pulumi-sigsci-istio/broken": "{",
      "entry.pulumi-sigsci-istio/renamed": '{"name":"another"}',
    };
    const text = list(entry("waf-a"), entry("waf-b"));
    assert.equal(planMeshEdit(meshConfigMap(text, annotations), wanted).text, text);
  });
});
