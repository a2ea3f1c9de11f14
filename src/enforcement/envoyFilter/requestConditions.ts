import type { InspectionRuleArgs } from "../../args/targets";
import type { EnvoyValue } from "./envoyFilterTypes";
import { cidrRange, headerPermission, hostPermission, pathPermission } from "./matchers";

/** Source: Envoy and the gRPC protocol agree on these two forms. */
export const grpcRequest: readonly EnvoyValue[] = [
  headerPermission("content-type", "application/grpc"),
  headerPermission("content-type", "application/grpc+*"),
];

/**
 * The requests that a rule leaves out, one permission for each. A tunnel is always among them: it has no body that
 * ends. HBONE ones are opened and their content is checked by itself.
 */
export function leftOut(rule: InspectionRuleArgs, excludedPaths: readonly string[]): EnvoyValue[] {
  return [
    methodPermission("CONNECT"),
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
    ...oneOf(rule.hosts?.map(hostPermission)),
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

/** A permission for what fits one of some permissions. */
export function or(rules: readonly EnvoyValue[]): EnvoyValue {
  return { or_rules: { rules: [...rules] } };
}

/** A permission for what fits none of some permissions. */
export function not(rules: readonly EnvoyValue[]): EnvoyValue {
  return { not_rule: or(rules) };
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
