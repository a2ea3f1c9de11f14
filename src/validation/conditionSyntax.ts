import { isIP } from "node:net";

/**
 * Syntax of the conditions of a rule. Each check returns the reason for a refusal, a sentence about "it", or
 * undefined when the value is fine.
 */

/**
 * A text that Istio compares exactly, by prefix (`*` at the end), by suffix (`*` at the start) or by presence (`*`).
 */
export function wildcardText(value: string): string | undefined {
  if (value.trim() === "") {
    return "it is empty";
  }
  return value.slice(1, -1).includes("*") ||
    (value.length > 1 && value.startsWith("*") && value.endsWith("*"))
    ? "Istio would take a * that is not at one end literally, so it would never match"
    : undefined;
}

/** A host name, with an optional port and an optional `*` at one end. */
export function hostPattern(value: string): string | undefined {
  return (
    wildcardText(value) ??
    (/[\s/]/.test(value)
      ? "a host has no scheme, path or blank beside it, so it would never match"
      : undefined)
  );
}

/** A host whose requests are inspected. */
export function includedHost(value: string): string | undefined {
  return (
    hostPattern(value) ??
    (/:\d*$/.test(value)
      ? "a client chooses the port in the header Host, so requests with another one would pass uninspected"
      : undefined)
  );
}

/** A path whose requests are inspected. */
export function includedPath(value: string): string | undefined {
  return (
    pathPattern(value) ??
    (/[{}]/.test(value)
      ? "Envoy takes no path with [ or ] and the like for one that fits a template, so such requests would pass uninspected"
      : undefined)
  );
}

/** A request path: exact, by prefix, by suffix, or a path template with `{*}` and `{**}`. */
export function pathPattern(value: string): string | undefined {
  if (/[?#]/.test(value)) {
    return "Istio compares the path without its query, so it would never match";
  }
  if (/[{}]/.test(value)) {
    return pathTemplate(value);
  }
  return (
    wildcardText(value) ??
    (value.startsWith("/") || value.startsWith("*") ? undefined : "a request path starts with /")
  );
}

/** What an exclusion must not say: it fits every request. */
const all = "it leaves out every request, so none would be inspected";

/** A path whose requests are not inspected. */
export function excludedPath(value: string): string | undefined {
  return /^(\*|\/\*|\/\{\*\*\}\/?)$/.test(value) ? all : pathPattern(value);
}

/** A host whose requests are not inspected. */
export function excludedHost(value: string): string | undefined {
  return value === "*" ? all : hostPattern(value);
}

/** A method whose requests are not inspected. */
export function excludedMethod(value: string): string | undefined {
  return value === "*" ? all : httpMethod(value);
}

/** Source: Istio, "AuthorizationPolicy", path templates; its webhook refuses everything else with braces. */
function pathTemplate(value: string): string | undefined {
  const segments = value.replaceAll(/^\/+|\/+$/g, "").split("/");
  const fits = segments.every((segment) => /^(\{\*{1,2}\}|[\w.~%!$&'()+,;:@=-]+)$/.test(segment));
  if (!value.startsWith("/") || !fits) {
    return "Istio refuses braces unless each segment of the path is {*}, {**} or plain characters";
  }
  const afterAny = segments.slice(segments.indexOf("{**}") + 1);
  return segments.includes("{**}") && afterAny.some((segment) => segment.startsWith("{"))
    ? "Istio refuses {*} and {**} after {**}"
    : undefined;
}

/** An HTTP method, or `*` at one end of one. */
export function httpMethod(value: string): string | undefined {
  return /^(\*|[A-Z][A-Z-]*\*?|\*[A-Z-]+)$/.test(value)
    ? undefined
    : "HTTP methods are compared exactly, in capitals";
}

/** An IP address or a CIDR block, as Istio reads them. */
export function ipBlock(value: string): string | undefined {
  const [address = "", prefix, ...more] = value.split("/");
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  // Istio takes no zone and no leading zero.
  const prefixFits = prefix === undefined || (/^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits);
  return family !== 0 && !address.includes("%") && prefixFits && more.length === 0
    ? undefined
    : "it is no IP address or CIDR block";
}

/** The name of a header. Source: RFC 9110, section 5.6.2. */
export function headerName(value: string): string | undefined {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value) ? undefined : "it is no HTTP header name";
}
