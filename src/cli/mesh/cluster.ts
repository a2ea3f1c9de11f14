import type { ClusterClient } from "../../kubernetes/clusterClient";
import { RequestFailure } from "../../kubernetes/requestFailure";
import { textAt, textMapAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { Refusal } from "../../offline/refusal";
import { clusterRefusal } from "../clusterFailure";
import type { ApiRequest } from "../clusterFailure";
import { openCluster } from "../openCluster";
import type { MeshOutcome, MeshState } from "./meshState";

/** Field manager of everything that the command writes. */
export const fieldManager = "sigsci-istio-cli";

/** A mesh ConfigMap of a cluster. */
export interface ClusterTarget {
  readonly kind: "cluster";
  /** Context of the kubeconfig; its current one when undefined. */
  readonly context?: string;
  /** Path of the kubeconfig; as kubectl finds it when undefined. */
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly name: string;
}

/** A mesh text of a cluster, at the version in which it was read. */
export interface LiveMesh extends MeshState {
  readonly resourceVersion: string;
}

/** Somebody else changed the ConfigMap after it was read. Nothing was written. */
export class ConcurrentEdit extends Error {
  public override readonly name = "ConcurrentEdit";
}

/** Access to one mesh ConfigMap and to the policies that depend on it. */
export interface MeshCluster {
  /** Reads the mesh text. */
  readonly read: () => Promise<LiveMesh>;
  /**
   * Writes the text by server-side apply, then takes the stale annotations away, each only if nobody changed the
   * ConfigMap since it was read.
   * @throws ConcurrentEdit when somebody did
   */
  readonly write: (live: LiveMesh, outcome: MeshOutcome) => Promise<void>;
  /** All AuthorizationPolicies; none where Istio's definitions are not installed. */
  readonly policies: () => Promise<LiveObject[]>;
}

/**
 * Connects to the cluster of a kubeconfig.
 * @throws Refusal when there is no usable kubeconfig
 */
export async function connect(target: ClusterTarget): Promise<MeshCluster> {
  const { client } = await openCluster(target, "--file");
  const server = client.address;
  const { namespace, name } = target;
  const request = { resource: "configmaps", group: "", namespace, name };
  return {
    read: () => ask({ ...request, verb: "get" }, server, () => readMesh(client, target)),
    write: (live, outcome) =>
      ask({ ...request, verb: "patch" }, server, () => writeMesh(client, target, live, outcome)),
    policies: () =>
      ask({ verb: "list", resource: "authorizationpolicies", group: "security.istio.io" }, server, () =>
        client.list("/apis/security.istio.io/v1/authorizationpolicies", undefined, Infinity),
      ),
  };
}

async function ask<T>(request: ApiRequest, server: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof RequestFailure ? clusterRefusal(error, request, server) : error;
  }
}

function pathOf({ namespace, name }: ClusterTarget): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
}

async function readMesh(client: ClusterClient, target: ClusterTarget): Promise<LiveMesh> {
  const live = await client.get(pathOf(target));
  const label = `ConfigMap ${target.namespace}/${target.name}`;
  if (live === undefined) {
    throw new RequestFailure("unreachable", `there is no ${label}`, 404);
  }
  const text = textAt(live, "data", "mesh");
  if (text === undefined) {
    throw new Refusal(
      `${label} has no key mesh, so istiod runs on built-in defaults. Check that it is the ConfigMap of your ` +
        "Istio installation, and restore the key first.",
    );
  }
  const annotations = textMapAt(live, "metadata", "annotations");
  return { label, text, annotations, resourceVersion: textAt(live, "metadata", "resourceVersion") ?? "" };
}

async function writeMesh(
  client: ClusterClient,
  target: ClusterTarget,
  live: LiveMesh,
  { text, droppedAnnotations }: MeshOutcome,
): Promise<void> {
  const { namespace, name } = target;
  try {
    let { resourceVersion } = live;
    if (text !== live.text) {
      const metadata = { namespace, name, resourceVersion };
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: text } };
      const written = await client.patch(pathOf(target), body, { strategy: "apply", fieldManager });
      resourceVersion = textAt(written, "metadata", "resourceVersion") ?? resourceVersion;
    }
    if (droppedAnnotations.length > 0) {
      // Apply cannot take away what another manager wrote.
      const annotations = Object.fromEntries(droppedAnnotations.map((key) => [key, null]));
      const body = { metadata: { resourceVersion, annotations } };
      await client.patch(pathOf(target), body, { strategy: "merge", fieldManager });
    }
  } catch (error) {
    // With force a conflict can only be one of versions.
    if (error instanceof RequestFailure && error.status === 409) {
      throw new ConcurrentEdit("the ConfigMap was changed meanwhile");
    }
    throw error;
  }
}
