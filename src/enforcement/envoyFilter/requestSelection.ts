import type { BodyInspectionArgs } from "../../args/inspection";
import type { InspectionRuleArgs } from "../../args/targets";
import { GrpcInspection } from "../../args/envoyFilter";
import type { EnvoyValue } from "./envoyFilterTypes";
import { grpcRequest, leftOut, not, onlyLeavesOut, or, picked, principal } from "./requestConditions";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/**
 * Which requests are checked. A filter of type RBAC without enforced rules, in front of the check, compares each
 * request with the rules and leaves a mark that the check and the access log read. Istio does the same for an
 * AuthorizationPolicy with action CUSTOM. An excluded path could also be a route of its own, but that takes one for
 * each port, loses what Istio sets on its route, and knows no hosts, methods or addresses.
 */
export interface Selection {
  /** The filter that leaves the marks. */
  filter: EnvoyValue;
  /** The requests to check, a group for each way of checking. */
  groups: RequestGroup[];
}

/** A group of requests that are checked in the same way. */
export interface RequestGroup {
  /** What the mark of its requests looks like, a `MetadataMatcher`. */
  mark: EnvoyValue;
  /** Whether the body of its requests is sent. */
  withBody: boolean;
}

/** The settings that decide which requests are checked, and how they are told from others. */
export type SelectionSettings = Pick<EnvoyFilterSettings, "excludedPaths" | "grpc" | "statPrefix">;

/** Policies of the filter, by name, and the groups whose marks they leave. */
interface Sorting {
  policies: Record<string, EnvoyValue>;
  groups: RequestGroup[];
}

const rbac = "envoy.filters.http.rbac";

/**
 * Selects the requests to check.
 *
 * @param rules - The rules of the target; a request that fits one of them is checked.
 */
export function selectRequests(
  rules: readonly InspectionRuleArgs[],
  body: Required<BodyInspectionArgs>,
  settings: SelectionSettings,
): Selection {
  const [rule, ...others] = rules;
  const { policies, groups } =
    rule !== undefined && others.length === 0 && onlyLeavesOut(rule)
      ? allBut(leftOut(rule, settings.excludedPaths), body.enabled, settings)
      : fitting(rules, body.enabled, settings);
  return {
    filter: {
      name: rbac,
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        // Nothing is refused, as the rules are not enforced.
        shadow_rules: { action: "DENY", policies },
        shadow_rules_stat_prefix: markPrefix(settings.statPrefix),
      },
    },
    groups,
  };
}

/**
 * Marks what is left out and what is checked by its headers only. All other requests fit no policy: for these the
 * filter does the least work and leaves the shortest mark, which each log entry carries too.
 */
function allBut(exceptions: readonly EnvoyValue[], sendBody: boolean, settings: SelectionSettings): Sorting {
  const { grpc, statPrefix } = settings;
  const anybody = { principals: [{ any: true }] };
  const apart = grpc === GrpcInspection.HeadersOnly && sendBody;
  const excluded = [...exceptions, ...(grpc === GrpcInspection.None ? grpcRequest : [])];
  return {
    policies: {
      excluded: { permissions: excluded, ...anybody },
      ...(apart && {
        grpc: { permissions: [{ and_rules: { rules: [not(exceptions), or(grpcRequest)] } }], ...anybody },
      }),
    },
    groups: [
      { mark: mark(statPrefix, "shadow_engine_result", { exact: "allowed" }), withBody: sendBody },
      ...(apart ? [{ mark: policyMark(statPrefix, { exact: "grpc" }), withBody: false }] : []),
    ],
  };
}

/** Marks what fits a rule, with one policy for each rule and group. */
function fitting(
  rules: readonly InspectionRuleArgs[],
  sendBody: boolean,
  { excludedPaths, grpc, statPrefix }: SelectionSettings,
): Sorting {
  const policiesOf = (prefix: string, kind: readonly EnvoyValue[]): [string, EnvoyValue][] =>
    rules.map((rule, index) => [
      `${prefix}${index}`,
      {
        permissions: [
          { and_rules: { rules: [not(leftOut(rule, excludedPaths)), ...picked(rule), ...kind] } },
        ],
        principals: [principal(rule)],
      },
    ]);
  const apart = grpc === GrpcInspection.HeadersOnly && sendBody;
  const others = apart || grpc === GrpcInspection.None ? [not(grpcRequest)] : [];
  return {
    policies: Object.fromEntries([
      ...policiesOf("request-", others),
      ...(apart ? policiesOf("grpc-", [or(grpcRequest)]) : []),
    ]),
    groups: [
      { mark: policyMark(statPrefix, { prefix: "request-" }), withBody: sendBody },
      ...(apart ? [{ mark: policyMark(statPrefix, { prefix: "grpc-" }), withBody: false }] : []),
    ],
  };
}

function policyMark(statPrefix: string, policy: EnvoyValue): EnvoyValue {
  return mark(statPrefix, "shadow_effective_policy_id", policy);
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
