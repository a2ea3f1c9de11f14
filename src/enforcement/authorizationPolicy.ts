import type { InspectionRuleArgs, TargetArgs } from "./targetArgs";

/** Label selector of Istio's policy resources. */
export interface WorkloadSelector {
  /** Labels that a pod must carry. */
  matchLabels: Record<string, string>;
}

/** Istio's `Operation`, `Source` and `Condition`, as far as a CUSTOM policy supports them. */
export interface AuthorizationRule {
  /** Where the request comes from. */
  from?: { source: Record<string, string[]> }[];
  /** What the request does. */
  to?: { operation: Record<string, string[]> }[];
  /** Further conditions. */
  when?: { key: string; values?: string[]; notValues?: string[] }[];
}

/** Spec of an AuthorizationPolicy. Source: Istio, "AuthorizationPolicy". */
export interface AuthorizationPolicySpec {
  /** The workloads; the whole namespace when absent. */
  selector?: WorkloadSelector;
  /** CUSTOM asks a provider; AUDIT never decides about a request. */
  action: "CUSTOM" | "AUDIT";
  /** The provider to ask. */
  provider?: { name: string };
  /** Requests for which the provider is asked. */
  rules?: AuthorizationRule[];
}

/**
 * Spec of the AuthorizationPolicy of a target.
 *
 * @param target - The target.
 * @param provider - Name of the external authorizer in `extensionProviders`.
 */
export function authorizationPolicySpec(target: TargetArgs, provider: string): AuthorizationPolicySpec {
  return {
    ...selectorOf(target),
    action: "CUSTOM",
    provider: { name: provider },
    rules: (target.rules ?? [target]).map(authorizationRule),
  };
}

/**
 * Spec of a policy that does nothing. An AUDIT policy without rules matches no request and refers to no provider;
 * Istio's webhook refuses CUSTOM and DENY without rules. This is what a policy becomes in place before its provider
 * leaves the mesh configuration, since the engine deletes objects only at the end of an update.
 *
 * @param target - The target.
 */
export function neutralPolicySpec(target: TargetArgs): AuthorizationPolicySpec {
  return { ...selectorOf(target), action: "AUDIT" };
}

/**
 * The selector of a target, or nothing for a whole namespace.
 *
 * @param target - The target.
 */
export function selectorOf(target: TargetArgs): { selector?: WorkloadSelector } {
  return target.matchLabels === undefined ? {} : { selector: { matchLabels: { ...target.matchLabels } } };
}

function authorizationRule(rule: InspectionRuleArgs): AuthorizationRule {
  const operation = present({
    hosts: rule.hosts,
    notHosts: rule.notHosts,
    ports: rule.ports?.map(String),
    notPorts: rule.notPorts?.map(String),
    methods: rule.methods,
    notMethods: rule.notMethods,
    paths: rule.paths,
    notPaths: rule.notPaths,
  });
  const source = present({
    ipBlocks: rule.ipBlocks,
    notIpBlocks: rule.notIpBlocks,
    remoteIpBlocks: rule.remoteIpBlocks,
    notRemoteIpBlocks: rule.notRemoteIpBlocks,
  });
  const when = (rule.headers ?? []).map(({ name, values, notValues }) => ({
    key: `request.headers[${name.toLowerCase()}]`,
    ...present({ values, notValues }),
  }));
  return {
    ...(source === undefined ? {} : { from: [{ source }] }),
    ...(operation === undefined ? {} : { to: [{ operation }] }),
    ...(when.length === 0 ? {} : { when }),
  };
}

function present(lists: Record<string, string[] | undefined>): Record<string, string[]> | undefined {
  const given = Object.entries(lists).filter((entry): entry is [string, string[]] => entry[1] !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
