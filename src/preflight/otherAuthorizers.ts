import { Enforcement } from "../args/integration";
import { componentAnnotation } from "../enforcement/metadata";
import { proxiesOfTarget, selectionOverlap } from "../enforcement/proxySelection";
import type { SelectedProxies } from "../enforcement/proxySelection";
import { insertedChecks } from "../kubernetes/externalChecks";
import { annotationsOf, at, idOf, textAt } from "../kubernetes/liveObject";
import type { ClusterFacts } from "./clusterFacts";
import type { Found } from "./finding";
import { rootNamespaceOf } from "./meshView";
import { liveOverlap, proxiesOfPolicy } from "./overlap";
import type { KnownTarget, PreflightSubject } from "./subject";

/** Something that blocks requests by ext_authz. */
interface Authorizer {
  readonly name: string;
  readonly proxies: readonly SelectedProxies[];
}

/**
 * What else decides about requests by ext_authz in proxies of observed targets: with AuthorizationPolicy enforcement the
 * shadow mode is set on every such filter of a proxy, and whatever they refuse would pass.
 *
 * @param targets - Those that are observed.
 */
export function switchedOffAuthorizers(
  facts: ClusterFacts,
  subject: PreflightSubject,
  targets: readonly KnownTarget[],
): Found[] {
  if (subject.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  const unread = (["authorizationPolicies", "envoyFilters"] as const).filter(
    (fact) => facts[fact] === undefined,
  );
  const root = rootNamespaceOf(facts, subject);
  const others = authorizers(facts, subject);
  // Where one holds the other, pods of both may come though none is there.
  const mayMeet = (one: readonly SelectedProxies[], other: readonly SelectedProxies[]): boolean =>
    liveOverlap(facts, one, other, root) !== "none" || selectionOverlap(other, one, root) === "certain";
  return targets.flatMap((target) => [
    ...unread.map((fact) =>
      refusal(target, `${kinds[fact]} could not be listed, one of which may block by ext_authz`),
    ),
    ...others
      .filter(({ proxies }) => mayMeet(proxiesOfTarget(target), proxies))
      .map(({ name }) => refusal(target, `${name} blocks by ext_authz in proxies of this target, or may`)),
  ]);
}

const kinds = { authorizationPolicies: "AuthorizationPolicies", envoyFilters: "EnvoyFilters" } as const;

function authorizers(
  { authorizationPolicies = [], envoyFilters = [] }: ClusterFacts,
  { name, extAuthz, shadowed, targets, otherTargets }: PreflightSubject,
): Authorizer[] {
  return [
    ...authorizationPolicies
      .filter(
        (policy) =>
          textAt(policy, "spec", "action") === "CUSTOM" &&
          textAt(policy, "spec", "provider", "name") !== extAuthz,
      )
      .map((policy) => ({ name: `AuthorizationPolicy ${idOf(policy)}`, proxies: proxiesOfPolicy(policy) })),
    ...envoyFilters
      .filter(
        (filter) =>
          insertedChecks(at(filter, "spec")).some((check) => check.filter === "ext_authz") &&
          annotationsOf(filter)[componentAnnotation] !== name,
      )
      .map((filter) => ({ name: `EnvoyFilter ${idOf(filter)}`, proxies: proxiesOfPolicy(filter) })),
    ...targets
      .filter((target) => !shadowed.includes(target.name))
      .map((target) => ({ name: `target ${target.name}`, proxies: proxiesOfTarget(target) })),
    ...otherTargets.map((target) => ({
      name: `target ${target.name} of component "${target.component}"`,
      proxies: proxiesOfTarget(target),
    })),
  ];
}

function refusal({ name }: KnownTarget, reason: string): Found {
  return {
    severity: "error",
    where: `target ${name}`,
    message: `${reason}: a proxy observes with all of its checks or with none, and what that one refuses would pass.`,
    remedy:
      "Tell them apart by one label, give both the same mode, or use enforcement EnvoyFilter or ExternalProcessing, where " +
      "each target has a filter of its own.",
  };
}
