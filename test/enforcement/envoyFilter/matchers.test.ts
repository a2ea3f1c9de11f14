import assert from "node:assert/strict";
import {
  cidrRange,
  headerNames,
  headerPermission,
  hostPermission,
  pathPermission,
} from "../../../src/enforcement/envoyFilter/matchers";

const template = (path: string): object => ({
  uri_template: {
    name: "uri-template",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
      path_template: path,
    },
  },
});

// The same forms that istiod gives the conditions of an AuthorizationPolicy.
describe("matchers", () => {
  const paths: [string, object][] = [
    ["/", { url_path: { path: { exact: "/" } } }],
    ["/api/*", { url_path: { path: { prefix: "/api/" } } }],
    ["*.html", { url_path: { path: { suffix: ".html" } } }],
    ["*", { url_path: { path: { safe_regex: { regex: ".+" } } } }],
    ["/v1/{*}/items/{**}", template("/v1/*/items/**")],
    ["/{*}/{*}", template("/*/*")],
  ];
  for (const [pattern, expected] of paths) {
    it(`compares the path with ${pattern}`, () => {
      assert.deepEqual(pathPermission(pattern), expected);
    });
  }

  const hosts: [string, object][] = [
    ["Shop.example.com", { string_match: { exact: "Shop.example.com", ignore_case: true } }],
    ["*.example.com", { string_match: { suffix: ".example.com", ignore_case: true } }],
    ["shop.*", { string_match: { prefix: "shop.", ignore_case: true } }],
    ["*", { present_match: true }],
  ];
  for (const [pattern, expected] of hosts) {
    it(`compares the host with ${pattern}, in any case`, () => {
      assert.deepEqual(hostPermission(pattern), { header: { name: ":authority", ...expected } });
    });
  }

  const values: [string, object][] = [
    ["Yes", { string_match: { exact: "Yes" } }],
    ["y*", { string_match: { prefix: "y" } }],
    ["*s", { string_match: { suffix: "s" } }],
    ["*", { present_match: true }],
  ];
  for (const [pattern, expected] of values) {
    it(`compares a header with ${pattern}`, () => {
      assert.deepEqual(headerPermission("X-Inspect", pattern), {
        header: { name: "x-inspect", ...expected },
      });
    });
  }

  const blocks: [string, string, number][] = [
    ["10.0.0.0/8", "10.0.0.0", 8],
    ["10.1.2.3", "10.1.2.3", 32],
    ["0.0.0.0/0", "0.0.0.0", 0],
    ["2001:db8::/32", "2001:db8::", 32],
    ["::1", "::1", 128],
  ];
  for (const [block, address_prefix, prefix_len] of blocks) {
    it(`reads the block ${block}`, () => {
      assert.deepEqual(cidrRange(block), { address_prefix, prefix_len });
    });
  }

  it("writes header names in small letters, as Envoy has them", () => {
    assert.deepEqual(headerNames(["User-Agent", "X-*"]), {
      patterns: [{ exact: "user-agent" }, { prefix: "x-" }],
    });
  });
});
