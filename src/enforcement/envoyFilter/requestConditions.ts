import type { InspectionRuleArgs } from "../../args/targets";
import type { EnvoyValue } from "./envoyFilterTypes";
import { spellingsOfHost } from "../hosts";
import {
  cidrRange,
  headerPermission,
  hostPermission,
  hostSuffixPermission,
  pathPermission,
} from "./matchers";

/**
 * A permission for gRPC requests to some ports. A client may call anything gRPC: only on ports that the user has named
 * does that mean something.
 *
 * Source: Envoy and the gRPC protocol agree on these two forms.
 */
export function grpcRequest(ports: readonly number[]): EnvoyValue {
  const forms = ["application/grpc", "application/grpc+*"];
  return and([
    or(ports.map(portPermission)),
    or(forms.map((form) => headerPermission("content-type", form))),
  ]);
}

/** The requests that a rule leaves out, one permission for each. */
export function leftOut(rule: InspectionRuleArgs, excludedPaths: readonly string[]): EnvoyValue[] {
  return [
    ...(rule.notHosts ?? []).map(hostPermission),
    ...(rule.notMethods ?? []).map(methodPermission),
    ...(rule.notPaths ?? []).map(pathPermission),
    ...(rule.notPorts ?? []).map(portPermission),
    ...(rule.headers ?? []).flatMap(({ name, notValues }) => valuePermissions(name, notValues)),
    ...excludedPaths.map(pathPermission),
  ];
}

/** Conditions that leave something out; headers do when they have no `values`. */
const leaving: readonly string[] = ["notHosts", "notMethods", "notPaths", "notPorts", "headers"];

/** Whether a rule takes every request but those that {@link leftOut} gives. */
export function onlyLeavesOut(rule: InspectionRuleArgs): boolean {
  const given = Object.entries(rule).filter(([, condition]: [string, unknown]) => condition !== undefined);
  return (
    given.every(([name]) => leaving.includes(name)) &&
    (rule.headers ?? []).every(({ values }) => values === undefined)
  );
}

/** The conditions of a rule on what a request must have, one permission for each; all of them must hold. */
export function picked(rule: InspectionRuleArgs): EnvoyValue[] {
  return [
    ...oneOf(rule.hosts?.flatMap(includedHost)),
    ...oneOf(rule.methods?.map(methodPermission)),
    ...oneOf(rule.paths?.map(pathPermission)),
    ...oneOf(rule.ports?.map(portPermission)),
    ...(rule.headers ?? []).flatMap(({ name, values }) =>
      oneOf(values === undefined ? undefined : valuePermissions(name, values)),
    ),
  ];
}

/** The conditions of a rule on where a request comes from. */
export function principal(rule: InspectionRuleArgs): EnvoyValue {
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

/** A permission for what fits all of some permissions; Envoy takes no empty list. */
export function and(rules: readonly EnvoyValue[]): EnvoyValue {
  return rules.length === 0 ? { any: true } : { and_rules: { rules: [...rules] } };
}

/** A permission for what fits one of some permissions. */
export function or(rules: readonly EnvoyValue[]): EnvoyValue {
  return { or_rules: { rules: [...rules] } };
}

/** The permission for what fits none of some permissions; none when there are none. */
export function not(rules: readonly EnvoyValue[]): EnvoyValue[] {
  return rules.length === 0 ? [] : [{ not_rule: or(rules) }];
}

/** The permissions for a host in each of its spellings. */
function includedHost(pattern: string): EnvoyValue[] {
  return /^\*./.test(pattern)
    ? [hostSuffixPermission(pattern.slice(1))]
    : spellingsOfHost(pattern).map(hostPermission);
}

function methodPermission(method: string): EnvoyValue {
  return headerPermission(":method", method);
}

function portPermission(port: number): EnvoyValue {
  return { destination_port: port };
}

function valuePermissions(name: string, values: readonly string[] = []): EnvoyValue[] {
  return values.map((value) => headerPermission(name, value));
}

function oneOf(permissions: readonly EnvoyValue[] | undefined): EnvoyValue[] {
  return permissions === undefined ? [] : [or(permissions)];
}
