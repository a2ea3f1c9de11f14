import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { addToMesh } from "../../../src/cli/mesh/addition";
import { readMeshFile } from "../../../src/cli/mesh/meshFile";
import { removeFromMesh } from "../../../src/cli/mesh/removal";
import { authorizer, providerLists } from "../../mesh/contributions";
import { meshTexts } from "../../mesh/text/meshTexts";
import { manifest, meshText } from "./files";

/** A ConfigMap whose mesh text is a block literal, with content of others around it. */
function literalManifest(text: string, eol: string): string {
  const body = text.replace(/\n$/, "").split("\n");
  const chomping = text.endsWith("\n\n") ? "+" : text.endsWith("\n") ? "" : "-";
  return [
    "# before",
    "kind: ConfigMap",
    "metadata: { name: istio } # odd",
    "data:",
    "   a:   'b'",
    `   mesh:   |${chomping} # note`,
    ...body.map((line) => (line === "" ? "" : `     ${line}`)),
    "   z: >-",
    "     folded",
    "",
    "# after",
    "---",
    "kind: Other",
    "",
  ].join(eol);
}

/** The mesh text of the only ConfigMap of a file. */
function meshIn(content: string): unknown {
  const texts = parseAllDocuments(content).flatMap((document) => {
    assert.deepEqual(document.errors, []);
    const text: unknown = document.getIn(["data", "mesh"]);
    return text === undefined ? [] : [text];
  });
  assert.equal(texts.length, 1);
  return texts[0];
}

const literalTexts = meshTexts.filter((text) => !text.includes("\r"));

describe("a mesh text in a manifest", () => {
  it("changes nothing outside of the added lines, and comes back byte for byte", () => {
    fc.assert(
      fc.property(literalTexts, providerLists, fc.constantFrom("\n", "\r\n"), (text, providers, eol) => {
        const content = literalManifest(text, eol);
        const file = readMeshFile(content, "mesh.yaml");
        assert.equal(file.text, text);
        const added = addToMesh(file, { providers, adopt: false });
        const edited = readMeshFile(file.withText(added.text), "mesh.yaml");
        assert.equal(edited.text, added.text);
        const names = providers.map(({ name }) => name);
        const removed = removeFromMesh(edited, { names, force: false });
        assert.equal(removed.text, text);
        assert.equal(edited.withText(removed.text), content);
      }),
      { numRuns: 200 },
    );
  });

  it("may be comments only, as at the start of a managed mesh", () => {
    const content = [
      "apiVersion: v1",
      "kind: ConfigMap",
      "metadata: {name: istio-asm-managed, namespace: istio-system}",
      "data:",
      "  mesh: |2-",
      "",
      "    # Put your own settings here.",
      "    # Some settings are ignored.",
      "",
    ].join("\n");
    const file = readMeshFile(content, "mesh.yaml");
    const providers = [authorizer("waf")];
    const edited = file.withText(addToMesh(file, { providers, adopt: false }).text);
    const list = `${content}    extensionProviders: # list added by sigsci-istio\n    - name: waf\n`;
    assert.equal(edited.slice(0, list.length), list);
    const again = readMeshFile(edited, "mesh.yaml");
    assert.equal(again.withText(removeFromMesh(again, { names: ["waf"], force: false }).text), content);
  });

  it("stands beside documents that this parser cannot read, and that others can", () => {
    const odd = 'kind: ConfigMap\ndata:\n  a.json: \'{\n    "title": "x"\n  }\n\'\n';
    const content = `${odd}---\n${manifest}---\n{{ template }}: [\n`;
    const file = readMeshFile(content, "mesh.yaml");
    assert.equal(file.text, meshText);
    const edited = file.withText(addToMesh(file, { providers: [authorizer("edge")], adopt: false }).text);
    assert.ok(edited.startsWith(odd) && edited.endsWith("{{ template }}: [\n"));
    const again = readMeshFile(edited, "mesh.yaml");
    assert.equal(again.withText(removeFromMesh(again, { names: ["edge"], force: false }).text), content);
    assert.throws(
      () => readMeshFile(odd, "mesh.yaml"),
      /mesh.yaml, line 4: not valid YAML: Missing closing 'quote$/,
    );
  });

  it("keeps each line that it had, in order", () => {
    fc.assert(
      fc.property(literalTexts, providerLists, (text, providers) => {
        fc.pre(!/extensionProviders: *(null|~|\[)/.test(text));
        const content = literalManifest(text, "\n");
        const file = readMeshFile(content, "mesh.yaml");
        const lines = file.withText(addToMesh(file, { providers, adopt: false }).text).split("\n");
        let position = -1;
        for (const line of content.split("\n")) {
          position = lines.indexOf(line, position + 1);
          assert.notEqual(position, -1, `lost: ${line}`);
        }
      }),
    );
  });

  const writings: Record<string, string> = {
    "a quoted text": `data:\n  mesh: ${JSON.stringify(meshText)}\n  z: 1\nkind: ConfigMap\n`,
    "a quoted text with a comment": `data:\n  mesh: ${JSON.stringify(meshText)} # note\nkind: ConfigMap\n`,
    "a folded text": `kind: ConfigMap\ndata:\n  mesh: >-\n    a: 1\n\n    b: 2\n  z: 1\n`,
    JSON: JSON.stringify({ kind: "ConfigMap", data: { mesh: meshText, z: 1 } }),
    "indented JSON": JSON.stringify({ kind: "ConfigMap", data: { mesh: meshText, z: 1 } }, undefined, 2),
    "a literal without final line break": "kind: ConfigMap\ndata:\n  mesh: |\n    a: 1",
  };
  for (const [what, content] of Object.entries(writings)) {
    it(`is replaced in ${what}, and nothing around it`, () => {
      const text = `${meshText}\n# "new": \\ \n`;
      const edited = readMeshFile(content, "mesh.yaml").withText(text);
      assert.equal(meshIn(edited), text);
      const start = content.indexOf("mesh") + 5;
      assert.equal(edited.slice(0, start), content.slice(0, start));
      const end = ["\n  z: 1", ',"z":1}}', ',\n    "z": 1'].find((tail) => content.includes(tail));
      if (end !== undefined) {
        assert.equal(edited.slice(edited.lastIndexOf(end)), content.slice(content.lastIndexOf(end)));
      }
    });
  }

  it("is found among documents and in a List, by the ConfigMap's name", () => {
    assert.equal(readMeshFile(manifest, "mesh.yaml").text, meshText);
    const list = (names: string[]): string =>
      JSON.stringify({
        kind: "List",
        items: names.map((name) => ({
          kind: "ConfigMap",
          metadata: { name, namespace: "n" },
          data: { mesh: name },
        })),
      });
    assert.equal(readMeshFile(list(["istio"]), "l").text, "istio");
    assert.equal(
      readMeshFile(list(["istio", "istio-canary"]), "l", { name: "istio-canary" }).text,
      "istio-canary",
    );
    assert.throws(
      () => readMeshFile(list(["istio", "istio-canary"]), "l"),
      /^Refusal: l holds several mesh configs: n\/istio, n\/istio-canary\. Choose one with --config-map\.$/,
    );
    assert.throws(
      () => readMeshFile(list(["istio"]), "l", { name: "istio", namespace: "other" }),
      /holds no such mesh config; it holds n\/istio/,
    );
  });

  const refused: Record<string, [content: string, reason: RegExp]> = {
    "no ConfigMap": ["kind: Service\nmetadata: { name: a }\n", /m holds no ConfigMap with the key mesh/],
    "Helm values": ["meshConfig: {}\n", /^Refusal: m holds Helm values \(key meshConfig\), not a mesh/],
    "an IstioOperator": [
      "kind: Service\n---\nkind: IstioOperator\n",
      /^Refusal: m holds an IstioOperator, not/,
    ],
    "a patch": ["data:\n  mesh: 'a: 1'\n", /^Refusal: m holds a patch without kind, not a mesh/],
    "a mesh that is no text": ["kind: ConfigMap\nmetadata: { name: a }\ndata:\n  mesh: {}\n", /is no text/],
    "a manifest that is no YAML": [
      "kind: ConfigMap\ndata:\n  a: [\n",
      /^Refusal: m, line \d+: not valid YAML/,
    ],
  };
  for (const [what, [content, reason]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readMeshFile(content, "m"), reason);
    });
  }
});
