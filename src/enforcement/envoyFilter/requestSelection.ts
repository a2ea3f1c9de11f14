import type { InspectionRuleArgs } from "../../args/targets";
import { GrpcInspection } from "../../args/envoyFilter";
import type { EnvoyValue } from "./envoyFilterTypes";
import { and, grpcRequest, leftOut, not, onlyLeavesOut, picked, principal } from "./requestConditions";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/**
 * Which requests are checked. Without conditions every request is, and nothing has to be told apart. Else a filter of
 * type RBAC without enforced rules, in front of the check, compares each request with the rules and leaves a mark that
 * the check and the access log read. Istio does the same for an AuthorizationPolicy with action CUSTOM. An excluded path
 * could also be a route of its own, but that takes one for each port, loses what Istio sets on its route, and knows no
 * hosts, methods or addresses.
 */
export interface Selection {
  /** The filter that leaves the marks; undefined when every request is checked in the same way. */
  filter: EnvoyValue | undefined;
  /** The requests to check, a group for each way of checking. */
  groups: RequestGroup[];
}

/** A group of requests that are checked in the same way. */
export interface RequestGroup {
  /** What the mark of its requests looks like, a `MetadataMatcher`; undefined when every request is in the group. */
  mark: EnvoyValue | undefined;
  /** Whether the body of its requests is sent. */
  withBody: boolean;
}

/** The requests of a target. */
export interface SelectedRequests {
  /** The rules of the target; a request that fits one of them is checked. */
  rules: readonly InspectionRuleArgs[];
  /** Ports of the workload that carry gRPC. */
  grpcPorts: readonly number[];
}

/** The settings that decide which requests are checked, and how they are told from others. */
export interface SelectionSettings extends Pick<EnvoyFilterSettings, "excludedPaths" | "grpc"> {
  /**
   * How the names of the marks begin. No other filter of the proxy may use it: one that fits no policy leaves the name of
   * a policy as it is, so the check would take over what another target selects.
   */
  markPrefix: string;
}

/** Policies of the filter, by name, and the groups whose marks they leave. */
interface Sorting {
  policies: Record<string, EnvoyValue>;
  groups: RequestGroup[];
}

/** The gRPC requests that are not checked like all others. */
interface GrpcRequests {
  /** Those that are checked by their headers only. */
  apart: EnvoyValue[];
  /** Those that are not checked at all. */
  excluded: EnvoyValue[];
}

const rbac = "envoy.filters.http.rbac";

/** Selects the requests to check. */
export function selectRequests(
  { rules, grpcPorts }: SelectedRequests,
  sendBody: boolean,
  settings: SelectionSettings,
): Selection {
  const [rule, ...others] = rules;
  const grpc = grpcRequests(grpcPorts, sendBody, settings);
  const { policies, groups } =
    rule !== undefined && others.length === 0 && onlyLeavesOut(rule)
      ? allBut(leftOut(rule, settings.excludedPaths), grpc, sendBody, settings)
      : fitting(rules, grpc, sendBody, settings);
  if (Object.keys(policies).length === 0) {
    return { filter: undefined, groups: [{ mark: undefined, withBody: sendBody }] };
  }
  return {
    filter: {
      name: rbac,
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        // Nothing is refused, as the rules are not enforced.
        shadow_rules: { action: "DENY", policies },
        shadow_rules_stat_prefix: settings.markPrefix,
      },
    },
    groups,
  };
}

function grpcRequests(
  ports: readonly number[],
  sendBody: boolean,
  { grpc }: SelectionSettings,
): GrpcRequests {
  const requests = ports.length === 0 ? [] : [grpcRequest(ports)];
  return {
    apart: grpc === GrpcInspection.HeadersOnly && sendBody ? requests : [],
    excluded: grpc === GrpcInspection.None ? requests : [],
  };
}

/**
 * Marks what is left out and what is checked by its headers only. All other requests fit no policy: for these the
 * filter does the least work and leaves the shortest mark, which each log entry carries too.
 */
function allBut(
  exceptions: readonly EnvoyValue[],
  grpc: GrpcRequests,
  sendBody: boolean,
  { markPrefix }: SelectionSettings,
): Sorting {
  const anybody = { principals: [{ any: true }] };
  const excluded = [...exceptions, ...grpc.excluded];
  const apart = grpc.apart.length > 0;
  return {
    policies: {
      ...(excluded.length > 0 && { excluded: { permissions: excluded, ...anybody } }),
      ...(apart && { grpc: { permissions: [and([...not(exceptions), ...grpc.apart])], ...anybody } }),
    },
    groups: [
      { mark: mark(markPrefix, "shadow_engine_result", { exact: "allowed" }), withBody: sendBody },
      ...(apart ? [{ mark: policyMark(markPrefix, { exact: "grpc" }), withBody: false }] : []),
    ],
  };
}

/** Marks what fits a rule, with one policy for each rule and group. */
function fitting(
  rules: readonly InspectionRuleArgs[],
  grpc: GrpcRequests,
  sendBody: boolean,
  { excludedPaths, markPrefix }: SelectionSettings,
): Sorting {
  const policiesOf = (prefix: string, kind: readonly EnvoyValue[]): [string, EnvoyValue][] =>
    rules.map((rule, index) => [
      `${prefix}${index}`,
      {
        permissions: [and([...not(leftOut(rule, excludedPaths)), ...picked(rule), ...kind])],
        principals: [principal(rule)],
      },
    ]);
  const apart = grpc.apart.length > 0;
  return {
    policies: Object.fromEntries([
      ...policiesOf("request-", not([...grpc.apart, ...grpc.excluded])),
      ...(apart ? policiesOf("grpc-", grpc.apart) : []),
    ]),
    groups: [
      { mark: policyMark(markPrefix, { prefix: "request-" }), withBody: sendBody },
      ...(apart ? [{ mark: policyMark(markPrefix, { prefix: "grpc-" }), withBody: false }] : []),
    ],
  };
}

function policyMark(markPrefix: string, policy: EnvoyValue): EnvoyValue {
  return mark(markPrefix, "shadow_effective_policy_id", policy);
}

function mark(markPrefix: string, name: string, value: EnvoyValue): EnvoyValue {
  return {
    filter: rbac,
    path: [{ key: `${markPrefix}${name}` }],
    value: { string_match: value },
  };
}
