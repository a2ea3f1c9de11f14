import { excludedPodsOf } from "../enforcement/excludedPods";
import { componentAnnotation, targetAnnotation } from "../enforcement/metadata";
import { heldBackAnnotation, waitsForStreams } from "../enforcement/heldBack";
import { gatewayNameLabel } from "../kubernetes/injection";
import {
  annotationsOf,
  at,
  hasLabels,
  idOf,
  labelsOf,
  listAt,
  nameOf,
  namespaceOf,
  textAt,
  textMapAt,
  type LiveObject,
} from "../kubernetes/liveObject";
import { agentPods, awaitedPods } from "../preflight/agentPods";
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

/** A policy of ours that asks nobody: any more, as `teardown` leaves it, or not yet. */
export interface NeutralPolicy {
  readonly owner: NonNullable<LivePolicy["owner"]>;
  /** Kind and `<namespace>/<name>`. */
  readonly id: string;
  readonly namespace: string;
  /** Until when it is held back, and the pods that it waits for; undefined when teardown switched it off. */
  readonly heldBack: { readonly until: string; readonly awaited: readonly LiveObject[] } | undefined;
}

/** Policies of ours that ask nobody. */
export function neutralPolicies(objects: readonly ClusterObject[]): NeutralPolicy[] {
  return objects.flatMap(({ kind, manifest }) => {
    const owner = ownerOf(manifest);
    const until = annotationsOf(manifest)[heldBackAnnotation];
    const isNeutral = kind === "AuthorizationPolicy" && textAt(manifest, "spec", "action") === "AUDIT";
    return owner !== undefined && (isNeutral || until !== undefined)
      ? [
          {
            owner,
            id: `${kind} ${idOf(manifest)}`,
            namespace: namespaceOf(manifest),
            heldBack:
              until === undefined ? undefined : { until, awaited: awaitedBy(manifest, objects, until) },
          },
        ]
      : [];
  });
}

/** The pods that a policy selects and waits for: they have a proxy, and no agent that would answer. */
function awaitedBy(policy: LiveObject, objects: readonly ClusterObject[], until: string): LiveObject[] {
  const gateways = listAt(policy, "spec", "targetRefs").flatMap((one) => textAt(one, "name") ?? []);
  const labels = {
    ...textMapAt(policy, "spec", "selector", "matchLabels"),
    ...textMapAt(policy, "spec", "workloadSelector", "labels"),
  };
  const pods = objects.filter(({ kind }) => kind === "Pod").map(({ manifest }) => manifest);
  const selected = pods.filter(
    (pod) =>
      namespaceOf(pod) === namespaceOf(policy) &&
      hasLabels(labelsOf(pod), labels) &&
      (gateways.length === 0 || gateways.includes(labelsOf(pod)[gatewayNameLabel] ?? "")),
  );
  return awaitedPods(agentPods(selected, excludedPodsOf(policy)), waitsForStreams(until));
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
