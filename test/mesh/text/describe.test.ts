import assert from "node:assert/strict";
import { changedFields, describeChange, describeProvider } from "../../../src/mesh/text/describe";
import type { ExtensionProvider } from "../../../src/mesh/extensionProvider";

const authorizer: ExtensionProvider = {
  name: "waf-ext-authz",
  envoyExtAuthzGrpc: {
    service: "a.sigsci.svc",
    port: 9999,
    timeout: "200ms",
    failOpen: true,
    includeRequestBodyInCheck: { maxRequestBytes: 8192, allowPartialMessage: true, packAsBytes: true },
  },
};
const checks = "checks by a.sigsci.svc:9999, 8192 bytes of body, fails open after 200ms";

describe("describeProvider", () => {
  it("says what a reviewer must know of an authorizer", () => {
    assert.equal(describeProvider(authorizer), checks);
    assert.equal(
      describeProvider({
        name: "x",
        envoyExtAuthzGrpc: { service: "b", port: 1, timeout: "1s", failOpen: false },
      }),
      "checks by b:1, no body, fails closed after 1s",
    );
  });

  it("says where an access log goes", () => {
    const envoyHttpAls = {
      service: "a.sigsci.svc",
      port: 9999,
      additionalRequestHeadersToLog: [],
      additionalResponseHeadersToLog: [],
    };
    assert.equal(describeProvider({ name: "x", envoyHttpAls }), "access log to a.sigsci.svc:9999");
  });
});

describe("describeChange", () => {
  it("says what is added or restored, and what it does", () => {
    assert.equal(describeChange("added", authorizer, undefined), `waf-ext-authz added: ${checks}`);
    assert.equal(
      describeChange("restored", authorizer, undefined),
      `waf-ext-authz restored, somebody removed it: ${checks}`,
    );
  });

  it("names the changed fields with both values", () => {
    const before = {
      name: "waf-ext-authz",
      envoyExtAuthzGrpc: { service: "a.sigsci.svc", port: "9999", failOpen: true, timeout: "200ms" },
    };
    const fields =
      'envoyExtAuthzGrpc.port: "9999" -> 9999, envoyExtAuthzGrpc.includeRequestBodyInCheck: (none) -> ' +
      '{"maxRequestBytes":8192,"allowPartialMessage":true,"packAsBytes":true}';
    assert.equal(describeChange("changed", authorizer, before), `waf-ext-authz changed: ${fields}`);
    assert.equal(describeChange("adopted", authorizer, before), `waf-ext-authz adopted: ${fields}`);
  });

  it("says when an adopted entry has the same content", () => {
    assert.equal(describeChange("adopted", authorizer, authorizer), "waf-ext-authz adopted: same content");
  });
});

describe("changedFields", () => {
  it("follows maps, takes lists as a whole, and shows what was removed", () => {
    const before = { a: 1, b: { c: [1, 2], d: "x" }, e: null };
    const after = { a: 1, b: { c: [1, 3], d: "x" }, f: { g: true } };
    assert.deepEqual(changedFields(before, after), [
      "b.c: [1,2] -> [1,3]",
      "e: null -> (none)",
      'f: (none) -> {"g":true}',
    ]);
  });

  it("finds nothing in equal values, whatever the order of their keys", () => {
    assert.deepEqual(changedFields({ a: 1, b: { c: 2, d: [3] } }, { b: { d: [3], c: 2 }, a: 1 }), []);
  });

  it("shows a value of another kind as a whole", () => {
    assert.deepEqual(changedFields({ a: [1] }, { a: { b: 1 } }), ['a: [1] -> {"b":1}']);
    assert.deepEqual(changedFields({ a: null }, { a: { b: 1 } }), ['a: null -> {"b":1}']);
  });
});
