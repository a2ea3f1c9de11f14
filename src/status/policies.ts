import { componentAnnotation, targetAnnotation } from "../enforcement/metadata";
import { annotationsOf, at, idOf, listAt, nameOf, namespaceOf, textAt } from "../kubernetes/liveObject";
import { isOwnObject } from "../kubernetes/ownership";
import type { ClusterObject } from "../render/clusterObjects";
import { insertedChecks, type ExternalCheck } from "../kubernetes/externalChecks";
import { observedTarget, protectionOf, type Protection } from "../render/protections";

/** An object of the cluster that sends requests to an external authorizer. */
export interface LivePolicy {
  readonly protection: Protection;
  readonly name: string;
  /** The component and the target that it was made for; undefined when it is none of ours. */
  readonly owner: { readonly component: string; readonly target: string } | undefined;
  /** How many rules a CUSTOM policy has. */
  readonly ruleCount: number;
  /** The filters of an EnvoyFilter. */
  readonly checks: readonly ExternalCheck[];
}

/** The policies among objects of the cluster, ours and those of others. */
export function livePolicies(objects: readonly ClusterObject[]): LivePolicy[] {
  const observed = new Set(objects.map(({ kind, manifest }) => observedTarget(kind, manifest)));
  return objects.flatMap(({ kind, manifest }) => {
    const protection = protectionOf(kind, manifest, observed);
    return protection === undefined
      ? []
      : [
          {
            protection,
            name: nameOf(manifest),
            owner: ownerOf(manifest),
            ruleCount: listAt(manifest, "spec", "rules").length,
            checks: insertedChecks(at(manifest, "spec")),
          },
        ];
  });
}

/** Policies of ours that ask nobody any more, as `teardown` leaves them. */
export function neutralPolicies(objects: readonly ClusterObject[]): readonly {
  readonly owner: NonNullable<LivePolicy["owner"]>;
  readonly id: string;
  readonly namespace: string;
}[] {
  return objects.flatMap(({ kind, manifest }) => {
    const owner = ownerOf(manifest);
    const isNeutral = kind === "AuthorizationPolicy" && textAt(manifest, "spec", "action") === "AUDIT";
    return owner !== undefined && isNeutral
      ? [{ owner, id: idOf(manifest), namespace: namespaceOf(manifest) }]
      : [];
  });
}

function ownerOf(manifest: Readonly<Record<string, unknown>>): LivePolicy["owner"] {
  const { [componentAnnotation]: component, [targetAnnotation]: target } = annotationsOf(manifest);
  return isOwnObject(manifest)
    ? { component: component ?? "", target: target ?? nameOf(manifest) }
    : undefined;
}

/** What the keys of the rules of a policy have in common. Source: Istio, authz/builder, `policyName`. */
export function ruleKey({ protection, name }: LivePolicy, rule: number | undefined): string {
  return `ns[${protection.namespace}]-policy[${name}]-rule[${rule === undefined ? "" : `${rule}]`}`;
}

/** The policies of a component, or of any when none is named. */
export function ownPolicies(policies: readonly LivePolicy[], component: string | undefined): LivePolicy[] {
  return policies.filter(
    ({ owner }) => owner !== undefined && (component === undefined || owner.component === component),
  );
}
