import { componentAnnotation, targetAnnotation } from "../enforcement/metadata";
import { annotationsOf, at, idOf, listAt, nameOf, namespaceOf, textAt } from "../kubernetes/liveObject";
import { isOwnObject } from "../kubernetes/ownership";
import type { ClusterObject } from "../render/clusterObjects";
import { isRecord } from "../pulumi/inputs";
import { insertedChecks, protectionOf, type Protection } from "../render/protections";

/** A filter that an EnvoyFilter puts into the proxies that it means. */
export interface ExpectedCheck {
  readonly cluster: string;
  readonly failOpen: boolean;
  /** Names of the fields that it sets, as istiod prints them. */
  readonly fields: readonly string[];
}

/** An object of the cluster that sends requests to an external authorizer. */
export interface LivePolicy {
  readonly protection: Protection;
  readonly name: string;
  /** The component and the target that it was made for; undefined when it is none of ours. */
  readonly owner: { readonly component: string; readonly target: string } | undefined;
  /** How many rules a CUSTOM policy has. */
  readonly ruleCount: number;
  /** The filters of an EnvoyFilter. */
  readonly checks: readonly ExpectedCheck[];
}

/** The policies among objects of the cluster, ours and those of others. */
export function livePolicies(objects: readonly ClusterObject[]): LivePolicy[] {
  return objects.flatMap(({ kind, manifest }) => {
    const protection = protectionOf(kind, manifest);
    return protection === undefined
      ? []
      : [
          {
            protection,
            name: nameOf(manifest),
            owner: ownerOf(manifest),
            ruleCount: listAt(manifest, "spec", "rules").length,
            checks: insertedChecks(at(manifest, "spec")).map(expectedCheck),
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

function expectedCheck(config: unknown): ExpectedCheck {
  const service = at(config, "grpc_service");
  return {
    cluster:
      textAt(service, "envoy_grpc", "cluster_name") ?? textAt(service, "google_grpc", "target_uri") ?? "",
    failOpen: at(config, "failure_mode_allow") === true,
    fields: Object.entries(isRecord(config) ? config : {})
      // istiod prints nothing for a value that is the default of its type.
      .filter(([, value]) => value !== false && value !== 0 && value !== "")
      .map(([name]) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())),
  };
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
