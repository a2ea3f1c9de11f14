import assert from "node:assert/strict";
import { stringify } from "yaml";
import { compareProviders, presentProviders } from "../../../src/mesh/text/comparison";
import type { ExtensionProvider } from "../../../src/mesh/extensionProvider";
import { authorizer } from "../contributions";

const log: ExtensionProvider = {
  name: "waf-log",
  envoyHttpAls: {
    service: "waf.sigsci.svc",
    port: 9999,
    additionalRequestHeadersToLog: ["accept"],
    additionalResponseHeadersToLog: ["date"],
  },
};
const wanted = [authorizer("waf-a"), log];
const meshWith = (...extensionProviders: unknown[]): string =>
  stringify({ trustDomain: "x", extensionProviders });
const denied =
  "with the policies in place Istio answers 403 to every request that they match, also with `failOpen`";

describe("compareProviders", () => {
  it("has nothing to say of a mesh that holds them, whatever else it holds", () => {
    const text = meshWith({ name: "otel" }, log, authorizer("waf-a"));
    assert.deepEqual(compareProviders(text, wanted), { refusals: [], warnings: [] });
  });

  it("has nothing to say of a timeout that is written in another unit, but of another one", () => {
    const withTimeout = (timeout: string): string => meshWith(authorizer("waf-a", timeout), log);
    assert.deepEqual(compareProviders(withTimeout("0.2s"), wanted), { refusals: [], warnings: [] });
    assert.match(compareProviders(withTimeout("2s"), wanted).warnings.join(), /timeout/);
    assert.match(compareProviders(withTimeout("200"), wanted).warnings.join(), /timeout/);
  });

  for (const [what, text] of [
    ["the key is missing", undefined],
    ["the text is empty", ""],
    ["there is no list", "trustDomain: x\n"],
    ["the list is no list", "extensionProviders: 3\n"],
    ["the list holds others", meshWith({ name: "waf-a2" }, "waf-a", null)],
  ] as const) {
    it(`refuses without the authorizer and warns without the log when ${what}`, () => {
      assert.deepEqual(compareProviders(text, wanted), {
        refusals: [`provider waf-a is missing: ${denied}`],
        warnings: [
          "provider waf-log is missing: the agent sees no responses, and Istio says so in no log that people read",
        ],
      });
    });
  }

  it("refuses an entry that is something else under the name of the authorizer", () => {
    for (const entry of [
      { name: "waf-a" },
      { name: "waf-a", envoyHttpAls: log.envoyHttpAls },
      { name: "waf-a", envoyExtAuthzGrpc: { port: 9999 } },
    ]) {
      assert.deepEqual(compareProviders(meshWith(entry, log), wanted), {
        refusals: [`provider waf-a is no envoyExtAuthzGrpc with a service: ${denied}`],
        warnings: [],
      });
    }
  });

  it("warns of a log that is something else", () => {
    const { refusals, warnings } = compareProviders(
      meshWith(authorizer("waf-a"), { name: "waf-log", envoyOtelAls: { service: "otel.svc" } }),
      wanted,
    );
    assert.deepEqual(refusals, []);
    assert.match(warnings.join(), /^provider waf-log is no envoyHttpAls with a service: /);
  });

  it("names each field in which an entry differs, from what is live to what is meant", () => {
    assert.deepEqual(compareProviders(meshWith(authorizer("waf-a", "5s"), log), wanted), {
      refusals: [],
      warnings: [
        "provider waf-a differs from the one that is meant (live -> meant), and the live one counts: " +
          'envoyExtAuthzGrpc.timeout: "5s" -> "200ms".',
      ],
    });
  });

  it("says what another service means", () => {
    const other = { name: "waf-a", envoyExtAuthzGrpc: { ...wanted[0]?.envoyExtAuthzGrpc, service: "b.svc" } };
    const { refusals, warnings } = compareProviders(meshWith(other, log), wanted);
    assert.deepEqual(refusals, []);
    assert.ok(
      warnings[0]?.endsWith(
        `Requests are checked elsewhere; if Istio does not know that service, ${denied}.`,
      ),
    );
  });

  it("judges the last entry of a name, as Istio does", () => {
    const text = meshWith(authorizer("waf-a", "5s"), authorizer("waf-a"), log);
    assert.deepEqual(compareProviders(text, wanted), { refusals: [], warnings: [] });
  });

  it("reads texts that an edit would refuse: JSON, anchors, a list that is written twice", () => {
    const json = JSON.stringify({ extensionProviders: wanted });
    const anchored = `spare: &p ${JSON.stringify(authorizer("waf-a"))}\nextensionProviders: [*p, ${JSON.stringify(log)}]\n`;
    const twice = `extensionProviders: []\nextensionProviders: ${JSON.stringify(wanted)}\n`;
    for (const text of [json, anchored, twice]) {
      assert.deepEqual(compareProviders(text, wanted), { refusals: [], warnings: [] }, text);
    }
  });

  it("refuses what is not YAML", () => {
    const endless = `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [${"*a, ".repeat(40)}]\nc: [${"*b, ".repeat(40)}]\n`;
    for (const text of ["a: [1\n", "a: b: c\n", endless]) {
      const { refusals, warnings } = compareProviders(text, wanted);
      assert.deepEqual(warnings, []);
      assert.equal(refusals.length, 1);
      assert.match(refusals[0] ?? "", /^its text is not valid YAML: istiod keeps the last good state/);
    }
  });
});

describe("presentProviders", () => {
  it("names those of ours that are there, in our order", () => {
    assert.deepEqual(presentProviders(meshWith(log, authorizer("waf-a"), { name: "x" }), wanted), [
      "waf-a",
      "waf-log",
    ]);
    assert.deepEqual(presentProviders(meshWith(log), wanted), ["waf-log"]);
  });

  it("finds none in a text that is missing or broken", () => {
    assert.deepEqual(presentProviders(undefined, wanted), []);
    assert.deepEqual(presentProviders("a: [1\n", wanted), []);
  });
});
