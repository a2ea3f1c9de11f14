/**
 * Syntax checks shared by all arguments. Each returns the reason for a refusal, a sentence about "it", or
 * undefined when the value is fine. They see plain values only; deferred ones are skipped by their callers.
 */

const longestLabel = 63;
const longestSubdomain = 253;
const highestPort = 65_535;

const dnsLabelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const rfc1035LabelPattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedNamePattern = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const qualifiedNameReason =
  "only letters, digits, hyphens, underscores and dots are allowed, with a letter or a digit at both ends";

function emptyOrTooLong(value: string, longest: number): string | undefined {
  if (value === "") {
    return "it is empty";
  }
  return value.length > longest ? `it has ${value.length} characters, ${longest} are allowed` : undefined;
}

/**
 * A DNS label: names of namespaces and containers, up to 63 characters.
 *
 * Source: Kubernetes, "Object names and IDs", RFC 1123 label names.
 */
export function dnsLabel(value: string): string | undefined {
  const reason = emptyOrTooLong(value, longestLabel);
  if (reason !== undefined || dnsLabelPattern.test(value)) {
    return reason;
  }
  return "only lower-case letters, digits and hyphens are allowed, with a letter or a digit at both ends";
}

/**
 * A DNS label that starts with a letter: names of Services, up to 63 characters.
 *
 * Source: Kubernetes, "Object names and IDs", RFC 1035 label names.
 */
export function rfc1035Label(value: string): string | undefined {
  const reason = emptyOrTooLong(value, longestLabel);
  if (reason !== undefined || rfc1035LabelPattern.test(value)) {
    return reason;
  }
  return "only lower-case letters, digits and hyphens are allowed, with a letter first and no hyphen last";
}

/**
 * A DNS subdomain: names of most objects (Secret, ConfigMap, ServiceAccount), up to 253 characters.
 *
 * Source: Kubernetes, "Object names and IDs", DNS subdomain names.
 */
export function dnsSubdomain(value: string): string | undefined {
  const reason = emptyOrTooLong(value, longestSubdomain);
  if (reason !== undefined || value.split(".").every((part) => dnsLabelPattern.test(part))) {
    return reason;
  }
  return (
    "only lower-case letters, digits, hyphens and dots are allowed, " +
    "with a letter or a digit at both ends and on both sides of a dot"
  );
}

/**
 * The key of a label or an annotation: a name of up to 63 characters, after an optional DNS prefix and a slash.
 *
 * Source: Kubernetes, "Labels and selectors".
 */
export function labelKey(value: string): string | undefined {
  const parts = value.split("/");
  const name = parts.pop() ?? "";
  const [prefix, ...more] = parts;
  if (more.length > 0) {
    return "it has more than one slash";
  }
  const prefixReason = prefix === undefined ? undefined : dnsSubdomain(prefix);
  if (prefixReason !== undefined) {
    return `in the part before the slash, ${prefixReason}`;
  }
  const reason = emptyOrTooLong(name, longestLabel);
  if (reason !== undefined) {
    return prefix === undefined ? reason : `in the part after the slash, ${reason}`;
  }
  return qualifiedNamePattern.test(name) ? undefined : qualifiedNameReason;
}

/**
 * The value of a label: empty, or up to 63 characters.
 *
 * Source: Kubernetes, "Labels and selectors".
 */
export function labelValue(value: string): string | undefined {
  if (value === "") {
    return undefined;
  }
  const reason = emptyOrTooLong(value, longestLabel);
  if (reason !== undefined || qualifiedNamePattern.test(value)) {
    return reason;
  }
  return qualifiedNameReason;
}

/** A TCP port: a whole number from 1 to 65535. */
export function port(value: number): string | undefined {
  if (!Number.isInteger(value)) {
    return "a port is a whole number";
  }
  return value < 1 || value > highestPort ? `a port is from 1 to ${highestPort}` : undefined;
}

const nanosecondsByUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, the micro sign
  μs: 1e3, // U+03BC, the Greek letter
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const durationPart = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
// Go keeps a duration in a signed 64-bit count of nanoseconds, about 292 years.
const longestDuration = 2 ** 63;

/**
 * The length of a Go duration such as `200ms`, `0.2s` or `1m30s`, in nanoseconds; undefined when it is none.
 * Exact up to 2^53 ns, which is 104 days.
 *
 * Source: Go, `time.ParseDuration`, without signs and without the bare `0`.
 */
export function goDurationNanoseconds(value: string): number | undefined {
  let total = 0;
  durationPart.lastIndex = 0;
  while (durationPart.lastIndex < value.length) {
    const match = durationPart.exec(value);
    if (match === null) {
      return undefined;
    }
    total += Number(match[1]) * (nanosecondsByUnit[match[2] ?? ""] ?? NaN);
  }
  return value === "" || total >= longestDuration ? undefined : Math.round(total);
}

/**
 * A duration in Go's notation, with a unit, longer than zero.
 *
 * @param value - The duration to check, for example `200ms`, `0.2s` or `1m30s`.
 */
export function goDuration(value: string): string | undefined {
  if (value === "") {
    return "it is empty";
  }
  if (value.startsWith("-")) {
    return "a duration is more than zero";
  }
  if (/^(\d+\.?\d*|\.\d+)$/.test(value)) {
    return "a duration needs a unit: ns, us, ms, s, m or h";
  }
  const nanoseconds = goDurationNanoseconds(value);
  if (nanoseconds === undefined) {
    return "it is no duration: numbers with the units ns, us, ms, s, m or h, at most 292 years";
  }
  return nanoseconds === 0 ? "a duration is more than zero" : undefined;
}
