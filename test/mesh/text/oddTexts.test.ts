import assert from "node:assert/strict";
import { parse } from "yaml";
import { removeProviders } from "../../../src/mesh/text/removeProviders";
import { setProviders } from "../../../src/mesh/text/setProviders";
import { authorizer } from "../contributions";

// Beyond what `meshTexts` makes: ways of writing that no chart has, but a hand may.
const oddTexts: Record<string, string> = {
  "a list in flow style on a line of its own": "a: 1\nextensionProviders:\n\n\n  [ {name: x} ]\nb: 2\n",
  "dashes on lines of their own": "extensionProviders:\n-\n  name: x\n-\n\n  name: y\n",
  "entries in flow style and with wide dashes": "extensionProviders:\n- {name: x}\n-   name: y\n    z: {}\n",
  "a comment between dash and name": "extensionProviders:\n- # c\n  name: x\n",
  "comments at other columns":
    "extensionProviders:     # hi\n\n# 1\n\n   - name: x\n# 2\n   - name: y\n # 3\nb: 1\n",
  "comments between the commas of a flow list":
    "extensionProviders: [\n # c\n {name: x} # d\n , # e\n {name: y} ]\n",
  "a comma behind the last entry": "extensionProviders: [{name: x} , ]\n",
  "a mapping without braces in a flow list": "extensionProviders: [name: x]\n",
  "a directive": "%YAML 1.1\n---\na: 1\n",
  "a document mark with a comment": "--- # c\na: 1\n",
  "an end mark": "a: 1\n...\n",
  "a text that keeps its line breaks, last": "a: |+\n  x\n\n\n",
  "a text that keeps its line breaks, in the last entry":
    "extensionProviders:\n- name: x\n  f: |+\n    a\n\n\n",
  "a text that keeps its line breaks, before a key":
    "extensionProviders:\n- name: x\n  f: |+\n    a\n\n\nb: 1\n",
  "a folded text without a final line break": "extensionProviders:\n- name: x\n  f: >\n    a",
  "quoted texts of two lines": "a: 'x\n  y'\nb: \"x\\\n  y\"\nextensionProviders: []",
  "two kinds of line breaks": "a: 1\nextensionProviders:\r\n- name: x\r\nb: 2\n",
  "an indented root": "  a: 1\n  extensionProviders:\n  - name: x\n",
  "the empty key last": "a: 1\nextensionProviders:",
  "the empty key last, with blanks": "a: 1\nextensionProviders:   ",
  "the empty key with a tab and a comment": "a: 1\nextensionProviders:\t# x\n",
  "blanks on the last line": "a: 1\n\t\n ",
  "nothing but comments around": "# only\n\na: 1\n#x\n\n",
  "comments only": "\n# Put your own settings here.\n# Some are ignored.",
  "comments only, with line breaks of Windows": "# one\r\n\r\n# two\r\n\r\n",
  "comments only, behind a document mark": "---\n# one\n",
  "comments only, before an end mark": "# one\n...\n",
  "an indented comment only": "  # one\n",
  "characters of four bytes": "a: \u{1F600}\nextensionProviders:\n- name: \u{1F600}\n  z: 1",
  "a key of almost the same name": "extensionProviders:\n- name: x\nextensionproviders: 1\n",
};

type Entries = { name?: string }[] | null | undefined;
// The texts are written above or made from them; their shape is known.
const entriesOf = (text: string): Entries =>
  (parse(text) as { extensionProviders?: Entries } | null)?.extensionProviders;

describe("a mesh text with", () => {
  for (const [what, text] of Object.entries(oddTexts)) {
    it(`${what}: it is edited three times, and comes back byte for byte in any order`, () => {
      const added = setProviders(text, [authorizer("a"), authorizer("b")]).text;
      const mixed = setProviders(added, [authorizer("c"), authorizer("a", "1s"), authorizer("b")]).text;
      const last = setProviders(mixed, [authorizer("b", "2s"), authorizer("d")]).text;
      const ours = [authorizer("d"), authorizer("c"), authorizer("a", "1s"), authorizer("b", "2s")];
      assert.deepEqual(entriesOf(last), [...ours, ...(entriesOf(text) ?? [])]);
      for (const order of ["a b c d", "d c b a", "b d a c"]) {
        assert.equal(removeProviders(last, order.split(" ")), text, order);
      }
    });
  }
});
