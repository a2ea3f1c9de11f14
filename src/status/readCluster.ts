import type { ClusterClient } from "../kubernetes/clusterClient";
import type { LiveObject } from "../kubernetes/liveObject";
import type { AccessQuestion } from "../kubernetes/rbacRules";
import { RequestFailure } from "../kubernetes/requestFailure";
import { pathOf } from "../preflight/reads";
import { objectsIn, type ClusterObject } from "../render/clusterObjects";

/** A kind of objects that is listed. */
interface Listed {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly isInNamespace: boolean;
  readonly labelSelector?: string;
  /** Whether nothing can be said without them. */
  readonly isNeeded?: true;
}

/** A list that the API server did not give. */
export interface Gap {
  readonly right: AccessQuestion;
  readonly failure: RequestFailure;
  readonly isNeeded: boolean;
}

/** What of a cluster decides who is meant by which policy. */
export interface ReadCluster {
  readonly objects: readonly ClusterObject[];
  readonly gaps: readonly Gap[];
}

function listed(group: string, resource: string, kind: string, more: Partial<Listed> = {}): Listed {
  return { group, version: "v1", resource, kind, isInNamespace: true, ...more };
}

const inCluster = { isInNamespace: false } as const;
const needed = { isNeeded: true } as const;
const gatewayGroup = "gateway.networking.k8s.io";

/** What is listed; docs/permissions-status.yaml grants it. */
export const listedKinds: readonly Listed[] = [
  listed("", "pods", "Pod", needed),
  listed("security.istio.io", "authorizationpolicies", "AuthorizationPolicy", needed),
  // Istio serves it in no other version.
  listed("networking.istio.io", "envoyfilters", "EnvoyFilter", { ...needed, version: "v1alpha3" }),
  listed("", "namespaces", "Namespace", inCluster),
  listed("", "services", "Service"),
  listed("apps", "deployments", "Deployment"),
  listed("apps", "statefulsets", "StatefulSet"),
  listed("apps", "daemonsets", "DaemonSet"),
  listed("apps", "replicasets", "ReplicaSet"),
  listed("batch", "jobs", "Job"),
  listed("batch", "cronjobs", "CronJob"),
  listed(gatewayGroup, "gateways", "Gateway"),
  listed(gatewayGroup, "gatewayclasses", "GatewayClass", inCluster),
  listed("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", {
    ...inCluster,
    labelSelector: "app=sidecar-injector",
  }),
];

/**
 * Lists what decides who is meant by which policy.
 *
 * @param namespaces - The namespaces that are looked at; undefined for all.
 */
export async function readCluster(
  client: Pick<ClusterClient, "list">,
  namespaces: readonly string[] | undefined,
): Promise<ReadCluster> {
  const reads = listedKinds.flatMap((kind) =>
    (kind.isInNamespace ? (namespaces ?? [undefined]) : [undefined]).map((namespace) => ({
      kind,
      namespace,
    })),
  );
  const lists = await Promise.all(
    reads.map(async ({ kind, namespace }): Promise<LiveObject[] | Gap> => {
      const { group, version, resource, labelSelector, isNeeded = false } = kind;
      try {
        const path = pathOf({ group, version, resource, ...(namespace !== undefined && { namespace }) });
        return withKind(kind, await client.list(path, labelSelector, Infinity));
      } catch (error) {
        if (!(error instanceof RequestFailure)) {
          throw error;
        }
        const right = { verb: "list", group, resource, ...(namespace !== undefined && { namespace }) };
        return { right, failure: error, isNeeded };
      }
    }),
  );
  const items = lists.flatMap((list) => (Array.isArray(list) ? list : []));
  const gaps = lists.flatMap((list) => (Array.isArray(list) ? [] : [list]));
  return { objects: objectsIn(items, "the cluster"), gaps };
}

/** Lists of the API server do not say of each item what it is. */
function withKind({ group, version, kind }: Listed, items: readonly LiveObject[]): LiveObject[] {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return items.map((item) => ({ apiVersion, kind, ...item }));
}
