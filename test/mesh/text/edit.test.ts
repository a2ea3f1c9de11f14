import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import type { ExtensionProvider } from "../../../src/mesh/extensionProvider";
import { removeProviders } from "../../../src/mesh/text/removeProviders";
import { setProviders } from "../../../src/mesh/text/setProviders";
import { MeshTextError } from "../../../src/mesh/text/meshText";
import { extensionProviders, meshTexts } from "./meshTexts";

const authorizer = (name = "waf-ext-authz"): ExtensionProvider => ({
  name,
  envoyExtAuthzGrpc: {
    service: "waf-agent.sigsci.svc.cluster.local",
    port: 9999,
    timeout: "200ms",
    failOpen: true,
  },
});

const accessLog = {
  service: "waf-agent.sigsci.svc.cluster.local",
  port: 9999,
  additionalRequestHeadersToLog: [],
  additionalResponseHeadersToLog: [],
};

interface Config {
  extensionProviders?: { name?: string }[] | null;
}
// The texts are made here; their shape is known.
const configOf = (text: string): Config => parse(text) as Config;
const namesOf = (text: string): (string | undefined)[] =>
  (configOf(text).extensionProviders ?? []).map((entry) => entry.name);
const withForeign = (text: string, providers: Map<string, ExtensionProvider>): Map<string, unknown> =>
  new Map<string, unknown>([
    ...(configOf(text).extensionProviders ?? []).map((entry) => [entry.name ?? "", entry] as const),
    ...providers,
  ]);
const withoutList = (text: string): unknown => ({ ...configOf(text), extensionProviders: undefined });

describe("setProviders", () => {
  it("appends the list when the mesh has none, in the style of the text", () => {
    assert.equal(
      setProviders("rootNamespace: istio-system\ntrustDomain: cluster.local", [authorizer()]).text,
      [
        "rootNamespace: istio-system",
        "trustDomain: cluster.local",
        "extensionProviders: # list added by sigsci-istio",
        "- name: waf-ext-authz",
        "  envoyExtAuthzGrpc:",
        "    service: waf-agent.sigsci.svc.cluster.local",
        "    port: 9999",
        "    timeout: 200ms",
        "    failOpen: true",
      ].join("\n"),
    );
  });

  it("puts new entries right below the key and keeps the comments of the others", () => {
    const text =
      "extensionProviders: # ours\n  # tracing\n  - name: otel # x\n    zipkin: {}\ntrustDomain: td\n";
    assert.equal(
      setProviders(text, [authorizer("a"), authorizer("b")]).text,
      [
        "extensionProviders: # ours",
        ...["a", "b"].flatMap((name) => [
          `  - name: ${name}`,
          "    envoyExtAuthzGrpc:",
          "      service: waf-agent.sigsci.svc.cluster.local",
          "      port: 9999",
          "      timeout: 200ms",
          "      failOpen: true",
        ]),
        "  # tracing",
        "  - name: otel # x",
        "    zipkin: {}",
        "trustDomain: td",
        "",
      ].join("\n"),
    );
  });

  it("changes only the entry that differs", () => {
    const first = setProviders("a: 1 # keep\n", [authorizer("first"), authorizer("second")]).text;
    const { text, changes } = setProviders(first, [
      { name: "first", envoyExtAuthzGrpc: { service: "other", port: 1, timeout: "1s", failOpen: false } },
      authorizer("second"),
    ]);
    assert.deepEqual(
      [...changes],
      [
        ["first", "changed"],
        ["second", "unchanged"],
      ],
    );
    assert.deepEqual(namesOf(text), ["first", "second"]);
    assert.ok(text.startsWith("a: 1 # keep\n"));
    assert.ok(
      text.includes(
        "    service: other\n    port: 1\n    timeout: 1s\n    failOpen: false\n- name: second\n",
      ),
    );
  });

  it("changes the first entry of a flow list and puts a new one before it at once", () => {
    const { text } = setProviders("extensionProviders: [ ]\n", [authorizer("a"), authorizer("b")]);
    const changed = { name: "a", envoyHttpAls: accessLog };
    assert.equal(
      setProviders(text, [changed, authorizer("c")]).text,
      `extensionProviders: [${[authorizer("c"), changed, authorizer("b")].map((one) => JSON.stringify(one)).join(",")} ]\n`,
    );
  });

  it("returns the very same text when there is nothing to change", () => {
    const { text } = setProviders("a: 1", [authorizer()]);
    const again = setProviders(text, [authorizer()]);
    assert.equal(again.text, text);
    assert.deepEqual([...again.changes], [["waf-ext-authz", "unchanged"]]);
  });

  it("quotes words that YAML 1.1 reads as something else", () => {
    const { text } = setProviders("a: 1", [{ name: "on" }]);
    assert.ok(text.includes('- name: "on"'), text);
  });
});

describe("the edit of any mesh text", () => {
  const distinct = fc.uniqueArray(extensionProviders, {
    minLength: 1,
    maxLength: 4,
    selector: (one) => one.name,
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(meshTexts, distinct, (text, providers) => {
        const once = setProviders(text, providers).text;
        assert.equal(setProviders(once, providers).text, once);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps the meaning and every line of everything else", () => {
    fc.assert(
      fc.property(meshTexts, distinct, (text, providers) => {
        const edited = setProviders(text, providers).text;
        assert.deepEqual(withoutList(edited), withoutList(text));
        const mine = new Set(providers.map((one) => one.name));
        assert.deepEqual(
          namesOf(edited).filter((name) => name === undefined || !mine.has(name)),
          namesOf(text),
        );
        for (const comment of text.match(/#.*$/gm) ?? []) {
          assert.ok(edited.includes(comment.trimEnd()), `lost: ${comment}`);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("changes, keeps and adds entries in one go, and is still undone byte for byte", () => {
    fc.assert(
      fc.property(meshTexts, distinct, distinct, fc.nat(4), (text, first, second, shared) => {
        const renamed = second.map((one, index) => ({
          ...one,
          name: (index < shared ? first[index]?.name : undefined) ?? `more-${one.name}`,
        }));
        const both = setProviders(setProviders(text, first).text, renamed).text;
        const wanted = new Map([...first, ...renamed].map((one) => [one.name, one]));
        const entries = configOf(both).extensionProviders ?? [];
        assert.equal(entries.length, wanted.size + namesOf(text).length);
        assert.deepEqual(new Map(entries.map((one) => [one.name ?? "", one])), withForeign(text, wanted));
        assert.equal(removeProviders(both, [...wanted.keys()]), text);
      }),
      { numRuns: 150 },
    );
  });

  it("is undone byte for byte by a removal in any order", () => {
    fc.assert(
      fc.property(meshTexts, distinct, fc.boolean(), (text, providers, backwards) => {
        const edited = setProviders(text, providers).text;
        const names = providers.map((one) => one.name);
        assert.equal(removeProviders(edited, backwards ? names.reverse() : names), text);
      }),
      { numRuns: 150 },
    );
  });

  it("does not depend on the order of two components, neither for the result nor for the way back", () => {
    fc.assert(
      fc.property(meshTexts, distinct, distinct, fc.boolean(), (text, first, second, backwards) => {
        const others = second.map((one) => ({ ...one, name: `other-${one.name}` }));
        const names = [first, others].map((list) => list.map((one) => one.name));
        const ab = setProviders(setProviders(text, first).text, others).text;
        const ba = setProviders(setProviders(text, others).text, first).text;
        const sorted = (one: string): unknown => [withoutList(one), namesOf(one).sort()];
        assert.deepEqual(sorted(ab), sorted(ba));
        const order = backwards ? names.reverse() : names;
        assert.equal(order.reduce(removeProviders, ab), text);
      }),
      { numRuns: 60 },
    );
  });

  it("leaves a text alone when a name to remove is not there", () => {
    fc.assert(
      fc.property(meshTexts, (text) => {
        assert.equal(removeProviders(text, ["waf-not-there"]), text);
      }),
    );
  });
});

describe("a mesh text that is refused", () => {
  const refused = (text: string, line: number | undefined, reason: RegExp): void => {
    for (const edit of [
      (): unknown => setProviders(text, [authorizer()]),
      (): unknown => removeProviders(text, ["waf-ext-authz"]),
    ]) {
      assert.throws(edit, (error: unknown) => {
        assert.ok(error instanceof MeshTextError);
        assert.match(error.reason, reason);
        assert.equal(error.line, line);
        assert.ok(error.remedy.length > 0);
        return true;
      });
    }
  };

  it("is empty", () => {
    refused("", undefined, /empty/);
    refused("\n\n", undefined, /empty/);
    refused("# commented\nnull\n", undefined, /empty/);
  });
  it("is not YAML", () => {
    refused("a: 1\nb: [1, 2\n", 3, /not valid YAML/);
    refused("a: 1\n\tb: 2\n", 2, /not valid YAML/);
  });
  it("holds several documents", () => {
    refused("a: 1\n---\nb: 2\n", 2, /several YAML documents/);
  });
  it("is a list or a single value", () => {
    refused("- a\n- b\n", 1, /is a list/);
    refused("just words", 1, /is a single value/);
  });
  it("is flow style", () => {
    refused('{"rootNamespace": "istio-system"}', 1, /flow style/);
  });
  it("has duplicate keys, at the top and further down", () => {
    refused("a: 1\nextensionProviders: []\nextensionProviders: []\n", 3, /duplicate key extensionProviders,/);
    refused("a:\n  b: 1\n  b : 2\n", 3, /duplicate key b,/);
    refused('a: {"b: c": 1, "b: c": 2}\n', 1, /duplicate key "b: c",/);
  });
  it("has extensionProviders that is no list", () => {
    refused("a: 1\nextensionProviders: {x: 1}\n", 2, /is a mapping, not a list/);
    refused("a: 1\nextensionProviders: many\n", 2, /is a single value, not a list/);
  });
  it("has anchors, aliases or unknown tags", () => {
    refused("a: &x 1\n", 1, /anchor/);
    refused("b: 1\na: &x {c: 1}\nd: *x\n", 2, /anchor/);
    refused("a: !secret x\n", 1, /not valid YAML/);
  });
  it("has tags or merge keys, of which readers of YAML make different things", () => {
    const omap = "extensionProviders: !!omap\n- name: waf\n";
    refused(`%YAML 1.1\n---\n${omap}`, 4, /has the tag !!omap, which not every reader of YAML knows/);
    refused(omap, 2, /has the tag !!omap/);
    refused("a: !!set {b}\n", 1, /has the tag !!set/);
    refused("b: 1\n<<: 5\n", 2, /has a merge key \(<<\)/);
    refused("%YAML 1.1\n---\na:\n  <<: 5\n", 4, /has a merge key \(<<\)/);
    for (const fine of ["a: !!str 5\n", 'a: "<< & * !"\n', "a: b << c\n"]) {
      assert.equal(removeProviders(setProviders(fine, [authorizer()]).text, ["waf-ext-authz"]), fine);
    }
  });
  it("holds one of our names twice", () => {
    const twice = "extensionProviders:\n- name: waf-ext-authz\n- name: x\n- name: waf-ext-authz\n";
    refused(twice, 4, /twice, also on line 2/);
  });
  it("would not fit into a ConfigMap", () => {
    const text = `a: ${"x".repeat(1024 * 1024 - 20)}\n`;
    assert.throws(() => setProviders(text, [authorizer()]), /the API server stores at most 1048576/);
  });
  it("but foreign duplicates and nameless entries are left alone", () => {
    const text = "extensionProviders:\n- name: x\n- name: x\n- 7\n-\n";
    assert.equal(removeProviders(setProviders(text, [authorizer()]).text, ["waf-ext-authz"]), text);
  });
});
