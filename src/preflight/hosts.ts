import { namespaceOf, textAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";

/**
 * Whether a host of Istio's resources covers a fully qualified one.
 *
 * @param pattern - A host, `*`, or `*.` with a suffix.
 */
export function hostMatches(pattern: string, host: string): boolean {
  return pattern === "*" || pattern === host || (pattern.startsWith("*") && host.endsWith(pattern.slice(1)));
}

/** Host of a DestinationRule, which may leave out its namespace and the domain, as Istio completes it. */
export function completeHost(rule: LiveObject, clusterDomain: string): string {
  const host = textAt(rule, "spec", "host") ?? "";
  return host.includes(".") || host.startsWith("*")
    ? host
    : `${host}.${namespaceOf(rule)}.svc.${clusterDomain}`;
}
