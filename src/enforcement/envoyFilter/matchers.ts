import type { EnvoyValue } from "./envoyFilterTypes";

/**
 * Envoy's form of the conditions of a rule. The syntax is that of Istio's AuthorizationPolicy, so that a rule
 * selects the same requests with either enforcement; the arguments were checked before.
 */

/** A `StringMatcher`: exact, by prefix (`a*`), by suffix (`*a`), or anything but nothing (`*`). */
export function stringMatch(pattern: string): EnvoyValue {
  if (pattern === "*") {
    return { safe_regex: { regex: ".+" } };
  }
  if (pattern.startsWith("*")) {
    return { suffix: pattern.slice(1) };
  }
  return pattern.endsWith("*") ? { prefix: pattern.slice(0, -1) } : { exact: pattern };
}

/** A permission on a header; `*` asks only that it is there. */
export function headerPermission(name: string, pattern: string): EnvoyValue {
  const match = pattern === "*" ? { present_match: true } : { string_match: stringMatch(pattern) };
  return { header: { name: name.toLowerCase(), ...match } };
}

/** A permission on the host, compared without regard to case. */
export function hostPermission(pattern: string): EnvoyValue {
  return pattern === "*"
    ? headerPermission(":authority", pattern)
    : { header: { name: ":authority", string_match: { ...stringMatch(pattern), ignore_case: true } } };
}

/** A permission on the end of a host, whatever port or dot follows it. */
export function hostSuffixPermission(suffix: string): EnvoyValue {
  const literal = suffix.replace(/\.$/, "").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return {
    header: {
      name: ":authority",
      string_match: { safe_regex: { regex: `(?i).*${literal}\\.?(:.*)?` } },
    },
  };
}

/** A permission on the path without its query: a pattern, or a template with `{*}` and `{**}`. */
export function pathPermission(pattern: string): EnvoyValue {
  if (!/[{}]/.test(pattern)) {
    return { url_path: { path: stringMatch(pattern) } };
  }
  return {
    uri_template: {
      name: "uri-template",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
        path_template: pattern.replaceAll("{**}", "**").replaceAll("{*}", "*"),
      },
    },
  };
}

/** A `CidrRange` from an IP address or a CIDR block. */
export function cidrRange(block: string): EnvoyValue {
  const [address = "", bits] = block.split("/");
  const all = address.includes(":") ? 128 : 32;
  return { address_prefix: address, prefix_len: bits === undefined ? all : Number(bits) };
}

/** A regular expression for header names: exact ones, or their beginnings with `*` at the end. */
export function headersPattern(headers: readonly string[]): string {
  const forms = headers.map((header) =>
    header.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*"),
  );
  return `(?i)(${forms.join("|")})`;
}

/**
 * The headers that a check sends or does not send, a `ListStringMatcher`.
 *
 * @param headers - Names, or their beginnings with `*` at the end.
 */
export function headerNames(headers: readonly string[]): EnvoyValue {
  return { patterns: headers.map((header) => stringMatch(header.toLowerCase())) };
}
