import { spellingsOfHost } from "./hosts";
import { TargetRefKind } from "../args/targets";
import type { InspectionRuleArgs, TargetArgs } from "../args/targets";
import { isDeferred } from "../pulumi/inputs";

/** Label selector of Istio's policy resources. */
export interface WorkloadSelector {
  /** Labels that a pod must carry. */
  matchLabels: NonNullable<TargetArgs["matchLabels"]>;
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

/** Istio's `PolicyTargetReference`. */
export interface PolicyTargetReference {
  /** API group; empty for the core group. */
  group: string;
  /** Kind. */
  kind: string;
  /** Name, in the namespace of the policy. */
  name: string;
}

/** The proxies that a policy resource is for; every proxy of the namespace when both are absent. */
export interface PolicyWorkloads {
  /** The pods, by label. */
  selector?: WorkloadSelector;
  /** The gateways or waypoints, by reference. */
  targetRefs?: PolicyTargetReference[];
}

/** Spec of an AuthorizationPolicy. Source: Istio, "AuthorizationPolicy". */
export interface AuthorizationPolicySpec extends PolicyWorkloads {
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
 * @param provider - Name of the external authorizer in `extensionProviders`.
 */
export function authorizationPolicySpec(target: TargetArgs, provider: string): AuthorizationPolicySpec {
  return {
    ...policyWorkloads(target),
    action: "CUSTOM",
    provider: { name: provider },
    rules: (target.rules ?? [target]).map(authorizationRule),
  };
}

/**
 * Spec of a policy that does nothing. An AUDIT policy without rules matches no request and refers to no provider;
 * Istio's webhook refuses CUSTOM and DENY without rules. This is what a policy becomes in place before its provider
 * leaves the mesh configuration, since the engine deletes objects only at the end of an update.
 */
export function neutralPolicySpec(target: TargetArgs): AuthorizationPolicySpec {
  return { ...policyWorkloads(target), action: "AUDIT" };
}

/** API groups of what a policy may refer to. Source: Istio, "PolicyTargetReference". */
const groups: Readonly<Record<TargetRefKind, string>> = {
  [TargetRefKind.Gateway]: "gateway.networking.k8s.io",
  [TargetRefKind.GatewayClass]: "gateway.networking.k8s.io",
  [TargetRefKind.Service]: "",
  [TargetRefKind.ServiceEntry]: "networking.istio.io",
};

/** The proxies of a target; nothing for every workload of the namespace. */
export function policyWorkloads({ matchLabels, targetRefs }: TargetArgs): PolicyWorkloads {
  return {
    ...(matchLabels !== undefined && {
      selector: { matchLabels: isDeferred(matchLabels) ? matchLabels : { ...matchLabels } },
    }),
    ...(targetRefs !== undefined && {
      targetRefs: targetRefs.map(({ kind, name }) => ({ group: groups[kind], kind, name })),
    }),
  };
}

function authorizationRule(rule: InspectionRuleArgs): AuthorizationRule {
  const operation = present({
    hosts: rule.hosts?.flatMap(spellingsOfHost),
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
