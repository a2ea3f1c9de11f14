import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { foreignFile, foreignFileMessage } from "../../../src/mesh/text/foreignFile";
import { meshTexts } from "./meshTexts";

const installation = (path: string, output = "helmValuesYaml"): string =>
  `There the entries go to ${path}.extensionProviders: take them from the component's output ${output}, and set ` +
  "`mesh: { strategy: MeshConfigStrategy.External }`, which leaves the mesh ConfigMap to the installation.";
const patch =
  "Give the whole ConfigMap (apiVersion: v1, kind: ConfigMap, with the text under data.mesh), or that text alone; the " +
  "entries go to extensionProviders in it.";

const files: Record<string, [document: string, what: string, remedy: string]> = {
  "values of the chart": [
    "pilot: {autoscaleMin: 2}\nmeshConfig: {accessLogFile: x}",
    "Helm values (key meshConfig)",
    installation("meshConfig"),
  ],
  "values without a mesh configuration": [
    "global: {hub: x}\nenv: {A: b}",
    "Helm values (key global)",
    installation("meshConfig"),
  ],
  "values of a chart that has istiod's as a part": [
    "cni: {}\nistiod: {meshConfig: {}}",
    "Helm values (key istiod.meshConfig)",
    installation("istiod.meshConfig"),
  ],
  "values of such a chart without a mesh configuration": [
    "istiod: {global: {hub: x}, pilot: {}}",
    "Helm values (key istiod.global)",
    installation("istiod.meshConfig"),
  ],
  "a file without any field of a mesh configuration": [
    "cni: {}\nexperimental: {stableValidationPolicy: true}",
    "the keys cni, experimental",
    `A mesh configuration has keys such as defaultConfig and rootNamespace. ${patch}`,
  ],
  "releases of helmfile": [
    "releases: [{name: istiod}]",
    "the key releases",
    `A mesh configuration has keys such as defaultConfig and rootNamespace. ${patch}`,
  ],
  "an IstioOperator": [
    "kind: IstioOperator\nspec: {meshConfig: {}}",
    "an IstioOperator",
    installation("spec.meshConfig", "istioOperatorYaml"),
  ],
  "an overlay of an IstioOperator": [
    "spec: {meshConfig: {}}",
    "an IstioOperator without kind",
    installation("spec.meshConfig", "istioOperatorYaml"),
  ],
  "a HelmRelease": [
    "kind: HelmRelease\nspec: {}",
    "a HelmRelease of Flux",
    installation("spec.values.meshConfig"),
  ],
  "a patch of one": [
    "spec: {values: {meshConfig: {}}}",
    "a patch of Helm values",
    installation("spec.values.meshConfig"),
  ],
  "an Istio of the Sail operator": [
    "kind: Istio\nmetadata: {name: default}",
    "an Istio resource of the Sail operator",
    installation("spec.values.meshConfig"),
  ],
  "a patch of the ConfigMap": ["data: {mesh: 'a: 1'}", "a patch without kind", patch],
  "a patch of its annotations": ["metadata: {annotations: {a: b}}", "a patch without kind", patch],
  "a JSON patch": ["- {op: replace, path: /data/mesh, value: x}", "a JSON patch", patch],
  "a Kustomization": ["kind: Kustomization\nresources: [a.yaml]", "a Kustomization", patch],
  "a Kustomization without kind": ["resources: [a.yaml]", "a Kustomization", patch],
};

describe("foreignFile", () => {
  for (const [what, [document, expected, remedy]] of Object.entries(files)) {
    it(`recognises ${what}`, () => {
      assert.deepEqual(foreignFile(parse(document)), { what: expected, remedy });
    });
  }

  it("takes no mesh text and no other object for one", () => {
    fc.assert(
      fc.property(meshTexts, (text) => {
        assert.equal(foreignFile(parse(text)), undefined);
      }),
    );
    for (const other of [null, "text", [1], { kind: "ConfigMap", data: {} }, { kind: "constructor" }, {}]) {
      assert.equal(foreignFile(other), undefined);
    }
  });

  it("takes a text with one known field for a mesh text, however it is written", () => {
    for (const field of ["rootNamespace: a", "root_namespace: a", "mesh_mTLS: {}"]) {
      assert.equal(foreignFile(parse(`${field}\nnewerField: {image: x}`)), undefined, field);
    }
    assert.equal(foreignFile(parse("defaultConfig: {image: {imageType: distroless}}")), undefined);
  });

  it("answers whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => ["object", "undefined"].includes(typeof foreignFile(value))),
    );
  });

  it("is said in one message", () => {
    assert.equal(
      foreignFileMessage("a.yaml", { what: "Helm values", remedy: "Do this." }),
      "a.yaml holds Helm values, not a mesh configuration. Do this.",
    );
  });
});
