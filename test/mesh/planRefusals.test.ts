import assert from "node:assert/strict";
import { planMeshEdit, MeshRefusal } from "../../src/mesh/planMeshEdit";
import type { MeshConfigMap, MeshContribution } from "../../src/mesh/planMeshEdit";
import { authorizer, contribution, definitions, marksOf, meshConfigMap } from "./contributions";

const wanted = contribution([authorizer("waf-a")]);
const adopt = { ...wanted, adopt: true };
const text = "a: 1\nextensionProviders:\n- name: other\n- name: waf-a\n";
const adopted = text.replace(
  "- name: waf-a\n",
  "- name: waf-a\n  envoyExtAuthzGrpc:\n    service: waf.sigsci.svc\n    port: 9999\n    timeout: 200ms\n    failOpen: true\n",
);
const foreign = marksOf(contribution([], { owner: { component: "shop/prod/pay", id: "77" } }), "waf-a");
const lost = marksOf(contribution([], { owner: { component: "shop/prod/waf", id: "9999" } }), "waf-a");

const refused = (configMap: MeshConfigMap, want: MeshContribution, reason: string, remedy: string): void => {
  assert.throws(
    () => planMeshEdit(configMap, want),
    (error: unknown) => {
      assert.ok(error instanceof MeshRefusal);
      assert.equal(
        error.message,
        `Mesh configuration in ConfigMap istio-system/istio: ${reason}\n    ${remedy}\n    Nothing was written.`,
      );
      return true;
    },
  );
};

describe("an entry of our name that is not ours", () => {
  const takeOver = "Set `mesh.adopt: true` to take it over, or choose other names with `mesh.providerNames`.";
  const note =
    'istio-system/istio: waf-a adopted: envoyExtAuthzGrpc: (none) -> {"service":"waf.sigsci.svc","port":9999,' +
    '"timeout":"200ms","failOpen":true}';

  it("is refused when it has no mark", () => {
    refused(meshConfigMap(text), wanted, "provider waf-a (line 4 of the text) is not ours.", takeOver);
  });

  it("is taken over with adopt, in its place", () => {
    assert.deepEqual(planMeshEdit(meshConfigMap(text), adopt), {
      text: adopted,
      unchanged: false,
      marked: ["waf-a"],
      annotations: definitions("waf-a"),
      notes: [note],
    });
  });

  it("is taken over with adopt when its content is already right", () => {
    assert.deepEqual(planMeshEdit(meshConfigMap(adopted), adopt), {
      text: adopted,
      unchanged: true,
      marked: ["waf-a"],
      annotations: definitions("waf-a"),
      notes: ["istio-system/istio: waf-a adopted: same content"],
    });
  });

  it("is refused when an earlier component of this name marked it", () => {
    const reason =
      "provider waf-a (line 4 of the text) carries the mark of an earlier component of this name.";
    refused(meshConfigMap(text, lost), wanted, reason, takeOver);
  });

  it("is taken over with adopt when an earlier component of this name marked it", () => {
    const plan = planMeshEdit(meshConfigMap(text, lost), adopt);
    assert.equal(plan.text, adopted);
    assert.deepEqual(plan.notes, [note]);
  });

  it("is refused when another component marked it, also with adopt", () => {
    for (const want of [wanted, adopt]) {
      refused(
        meshConfigMap(text, foreign),
        want,
        "provider waf-a (line 4 of the text) belongs to shop/prod/pay.",
        "Rename this component or choose other names with `mesh.providerNames`. If that component is gone, remove " +
          "the annotation owner.pulumi-sigsci-istio/waf-a and set `mesh.adopt: true`.",
      );
    }
  });

  it("does not matter when only its mark is left", () => {
    const plan = planMeshEdit(meshConfigMap("extensionProviders: []\n", foreign), wanted);
    assert.deepEqual(plan.marked, ["waf-a"]);
    assert.match(plan.notes[0] ?? "", /^istio-system\/istio: waf-a added: /);
  });
});

describe("a mesh text that cannot be edited", () => {
  it("is missing", () => {
    refused(
      meshConfigMap(undefined),
      wanted,
      "it has no key `mesh`, so istiod runs on built-in defaults.",
      "Check that this is the ConfigMap of your Istio installation, and restore the key first.",
    );
  });

  const cases: [string, string, string, string][] = [
    [
      "is empty",
      "",
      "the mesh text is empty.",
      "Restore the mesh configuration of your Istio installation first.",
    ],
    [
      "is not YAML",
      "a: 1\nb: [1, 2\n",
      "not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] (line 3 of the text).",
      "Correct the text first.",
    ],
    [
      "is a list",
      "- a\n- b\n",
      "the mesh text is a list, not a mapping (line 1 of the text).",
      "Restore the mesh configuration first.",
    ],
    [
      "is a single value",
      "hello\n",
      "the mesh text is a single value, not a mapping (line 1 of the text).",
      "Restore the mesh configuration first.",
    ],
    [
      "is JSON",
      '{"a": 1}\n',
      "the mesh text is written in flow style (JSON) (line 1 of the text).",
      "Write its top level as block YAML, one key on each line; the meaning stays the same.",
    ],
    [
      "has duplicate keys",
      "a: 1\nb: 2\na: 3\n",
      "duplicate key a, which YAML forbids (line 3 of the text).",
      "Correct the text first.",
    ],
    [
      "has extensionProviders that is no list",
      "a: 1\nextensionProviders:\n  waf: {}\n",
      "extensionProviders is a mapping, not a list (line 2 of the text).",
      "Correct it first.",
    ],
    [
      "has extensionProviders as an explicit key",
      "a: 1\n? extensionProviders\n: []\n",
      "extensionProviders is written as an explicit key (?) (line 2 of the text).",
      "Write it as `extensionProviders:`.",
    ],
    [
      "has anchors",
      "a: &x\n  b: 1\nc: *x\n",
      "the mesh text has an anchor or an alias, so one edit could change several places (line 2 of the text).",
      "Write the repeated part out.",
    ],
    [
      "holds our name twice",
      "extensionProviders:\n- name: waf-a\n- name: waf-a\n",
      "extensionProviders holds waf-a twice, also on line 2; Istio uses the last one only (line 3 of the text).",
      "Remove one of the two first.",
    ],
  ];
  for (const [what, mesh, reason, remedy] of cases) {
    it(what, () => {
      const marked = meshConfigMap(mesh, marksOf(wanted, "waf-a"));
      refused(marked, wanted, reason, remedy);
      refused(marked, { ...wanted, teardown: true }, reason, remedy);
    });
  }

  it("would become larger than a ConfigMap may be", () => {
    const start = `a: "${"x".repeat(1024 * 1024 - 10)}"\n`;
    const size = Buffer.byteLength(planMeshEdit(meshConfigMap("a: 1\n"), wanted).text) - 4 + start.length - 1;
    refused(
      meshConfigMap(start),
      wanted,
      `the mesh text would have ${size} bytes; the API server stores at most 1048576 in a ConfigMap.`,
      "Make the mesh configuration smaller first.",
    );
  });

  it("is refused also when an earlier component of the program would edit it", () => {
    const pay = contribution([authorizer("pay-a")], { owner: { component: "shop/prod/pay", id: "77" } });
    assert.throws(() => planMeshEdit(meshConfigMap("- a\n"), wanted, [pay]), MeshRefusal);
  });
});
