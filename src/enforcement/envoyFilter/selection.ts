import type { BodyInspectionArgs } from "../inspectionArgs";
import type { InspectionRuleArgs } from "../targetArgs";
import { GrpcInspection } from "./args";
import type { EnvoyValue } from "./envoyFilterObject";
import { cidrRange, headerPermission, hostPermission, pathPermission } from "./matchers";
import type { EnvoyFilterSettings } from "./settings";

/**
 * Which requests are checked. A filter of type RBAC without enforced rules, in front of the check, compares each
 * request with the rules and leaves a mark that the check and the access log read. Istio does the same for an
 * AuthorizationPolicy with action CUSTOM. An excluded path could also be a route of its own, but that takes one for
 * each port, loses what Istio sets on its route, and knows no hosts, methods or addresses.
 */

/** A group of requests that are checked in the same way. */
export interface RequestGroup {
  /** Beginning of the names of its policies, which end up in the mark. */
  policyPrefix: string;
  /** Whether the body of its requests is sent. */
  withBody: boolean;
  /** Whether it holds gRPC requests, everything else, or both. */
  grpc?: boolean;
}

const rbac = "envoy.filters.http.rbac";

/**
 * The groups of requests, one for each way in which requests are checked.
 *
 * @param body - What of the body is sent.
 * @param grpc - How gRPC requests are checked.
 */
export function requestGroups(body: Required<BodyInspectionArgs>, grpc: GrpcInspection): RequestGroup[] {
  const policyPrefix = "request-";
  if (grpc === GrpcInspection.None) {
    return [{ policyPrefix, withBody: body.enabled, grpc: false }];
  }
  if (grpc === GrpcInspection.Full || !body.enabled) {
    return [{ policyPrefix, withBody: body.enabled }];
  }
  return [
    { policyPrefix, withBody: true, grpc: false },
    { policyPrefix: "grpc-", withBody: false, grpc: true },
  ];
}

/**
 * The filter that marks the requests to check.
 *
 * @param rules - The rules of the target; a request that fits one of them is checked.
 * @param groups - The groups to sort them into.
 * @param settings - The EnvoyFilter settings.
 */
export function selectionFilter(
  rules: readonly InspectionRuleArgs[],
  groups: readonly RequestGroup[],
  settings: Pick<EnvoyFilterSettings, "excludedPaths" | "statPrefix">,
): EnvoyValue {
  const policies = groups.flatMap((group) =>
    rules.map((rule, index): [string, EnvoyValue] => [
      `${group.policyPrefix}${index}`,
      {
        permissions: [{ and_rules: { rules: permissions(rule, group, settings.excludedPaths) } }],
        principals: [principal(rule)],
      },
    ]),
  );
  return {
    name: rbac,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
      shadow_rules: { action: "DENY", policies: Object.fromEntries(policies) },
      shadow_rules_stat_prefix: markPrefix(settings.statPrefix),
    },
  };
}

/**
 * What the mark of a request of a group looks like, a `MetadataMatcher`.
 *
 * @param statPrefix - Prefix of our marks.
 * @param group - The group.
 */
export function inGroup(statPrefix: string, group: RequestGroup): EnvoyValue {
  return mark(statPrefix, "shadow_effective_policy_id", { prefix: group.policyPrefix });
}

/**
 * What the mark of a request of any group looks like, a `MetadataMatcher`. With action DENY a policy that matches
 * reads "denied"; nothing is refused, as the rules are not enforced.
 *
 * @param statPrefix - Prefix of our marks.
 */
export function inAnyGroup(statPrefix: string): EnvoyValue {
  return mark(statPrefix, "shadow_engine_result", { exact: "denied" });
}

function mark(statPrefix: string, name: string, value: EnvoyValue): EnvoyValue {
  return {
    filter: rbac,
    path: [{ key: `${markPrefix(statPrefix)}${name}` }],
    value: { string_match: value },
  };
}

function markPrefix(statPrefix: string): string {
  return `${statPrefix}_`;
}

function permissions(
  rule: InspectionRuleArgs,
  group: RequestGroup,
  excludedPaths: readonly string[],
): EnvoyValue[] {
  const methods = (method: string): EnvoyValue => headerPermission(":method", method);
  const ports = (port: number): EnvoyValue => ({ destination_port: port });
  return [
    // A tunnel has no body that ends. HBONE ones are opened and their content is checked by itself.
    not([methods("CONNECT")]),
    ...oneOf(rule.hosts, hostPermission),
    ...noneOf(rule.notHosts, hostPermission),
    ...oneOf(rule.methods, methods),
    ...noneOf(rule.notMethods, methods),
    ...oneOf(rule.paths, pathPermission),
    ...noneOf(rule.notPaths, pathPermission),
    ...oneOf(rule.ports, ports),
    ...noneOf(rule.notPorts, ports),
    ...(rule.headers ?? []).flatMap(({ name, values, notValues }) => {
      const value = (pattern: string): EnvoyValue => headerPermission(name, pattern);
      return [...oneOf(values, value), ...noneOf(notValues, value)];
    }),
    ...(excludedPaths.length === 0 ? [] : noneOf(excludedPaths, pathPermission)),
    ...(group.grpc === undefined ? [] : [group.grpc ? or(grpcRequest) : not(grpcRequest)]),
  ];
}

/** Source: Envoy and the gRPC protocol agree on these two forms. */
const grpcRequest: readonly EnvoyValue[] = [
  headerPermission("content-type", "application/grpc"),
  headerPermission("content-type", "application/grpc+*"),
];

function principal(rule: InspectionRuleArgs): EnvoyValue {
  const direct = (block: string): EnvoyValue => ({ direct_remote_ip: cidrRange(block) });
  const original = (block: string): EnvoyValue => ({ remote_ip: cidrRange(block) });
  const ids = [
    ...(rule.ipBlocks === undefined ? [] : [{ or_ids: { ids: rule.ipBlocks.map(direct) } }]),
    ...(rule.notIpBlocks ?? []).map((block) => ({ not_id: direct(block) })),
    ...(rule.remoteIpBlocks === undefined ? [] : [{ or_ids: { ids: rule.remoteIpBlocks.map(original) } }]),
    ...(rule.notRemoteIpBlocks ?? []).map((block) => ({ not_id: original(block) })),
  ];
  return ids.length === 0 ? { any: true } : { and_ids: { ids } };
}

function or(rules: readonly EnvoyValue[]): EnvoyValue {
  return { or_rules: { rules: [...rules] } };
}

function not(rules: readonly EnvoyValue[]): EnvoyValue {
  return { not_rule: or(rules) };
}

function oneOf<T>(values: readonly T[] | undefined, permission: (value: T) => EnvoyValue): EnvoyValue[] {
  return values === undefined ? [] : [or(values.map(permission))];
}

function noneOf<T>(values: readonly T[] | undefined, permission: (value: T) => EnvoyValue): EnvoyValue[] {
  return values === undefined ? [] : [not(values.map(permission))];
}
