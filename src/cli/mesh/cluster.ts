import type { CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { listAt, textAt, textMapAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { Refusal } from "../../offline/refusal";
import { clusterRefusal, statusOf } from "./clusterFailure";
import type { ApiRequest } from "./clusterFailure";
import type { MeshOutcome, MeshState } from "./meshState";

/** Field manager of everything that the command writes. */
export const fieldManager = "sigsci-istio-cli";

const pageSize = 500;

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
   *
   * @throws ConcurrentEdit when somebody did
   */
  readonly write: (live: LiveMesh, outcome: MeshOutcome) => Promise<void>;
  /** All AuthorizationPolicies; none where Istio's definitions are not installed. */
  readonly policies: () => Promise<LiveObject[]>;
}

/**
 * Connects to the cluster of a kubeconfig.
 *
 * @param target - Which cluster and ConfigMap.
 * @throws Refusal when there is no usable kubeconfig
 */
export async function connect(target: ClusterTarget): Promise<MeshCluster> {
  const client = await loadClient();
  const config = loadConfig(new client.KubeConfig(), target);
  const server = config.getCurrentCluster()?.server ?? "";
  const core = config.makeApiClient(client.CoreV1Api);
  const custom = config.makeApiClient(client.CustomObjectsApi);
  const { namespace, name } = target;
  const request = { resource: "configmaps", group: "", namespace, name };
  const patch = (strategy: string, body: object, force?: boolean): Promise<unknown> =>
    core.patchNamespacedConfigMap(
      { namespace, name, body, fieldManager, force },
      client.setHeaderOptions("Content-Type", strategy),
    );
  return {
    read: () => ask({ ...request, verb: "get" }, server, () => readMesh(core, target)),
    write: (live, outcome) =>
      ask({ ...request, verb: "patch" }, server, () =>
        writeMesh(patch, client.PatchStrategy, target, live, outcome),
      ),
    policies: () => listPolicies(custom, server),
  };
}

async function loadClient(): Promise<typeof import("@kubernetes/client-node")> {
  try {
    return await import("@kubernetes/client-node");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_REQUIRE_ESM") {
      throw new Refusal("access to a cluster needs Node 20.19 or newer. Use --file, or a newer Node.");
    }
    if (code !== "MODULE_NOT_FOUND") {
      throw error;
    }
    throw new Refusal(
      "access to a cluster needs a package that is not installed. Run `npm install @kubernetes/client-node`, or use --file.",
    );
  }
}

function loadConfig(config: KubeConfig, { kubeconfig, context }: ClusterTarget): KubeConfig {
  try {
    if (kubeconfig === undefined) {
      config.loadFromDefault();
    } else {
      config.loadFromFile(kubeconfig);
    }
  } catch (error) {
    // The client stumbles over a file that is empty or holds something else.
    const isStumble = error instanceof TypeError || !(error instanceof Error);
    const reason = isStumble ? "it is no kubeconfig" : error.message;
    throw new Refusal(
      `cannot read the kubeconfig${kubeconfig === undefined ? "" : ` ${kubeconfig}`}: ${reason}`,
    );
  }
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined && !names.includes(context)) {
    throw new Refusal(`the kubeconfig has no context ${context}; it has ${names.join(", ") || "none"}.`);
  }
  if (context !== undefined) {
    config.setCurrentContext(context);
  }
  if (config.getCurrentCluster() === null) {
    throw new Refusal(
      `the kubeconfig names no current context. Choose one with --context: ${names.join(", ")}.`,
    );
  }
  return config;
}

async function ask<T>(request: ApiRequest, server: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Refusal || error instanceof ConcurrentEdit) {
      throw error;
    }
    throw clusterRefusal(error, request, server);
  }
}

async function readMesh(core: CoreV1Api, { namespace, name }: ClusterTarget): Promise<LiveMesh> {
  const live: unknown = await core.readNamespacedConfigMap({ namespace, name });
  const label = `ConfigMap ${namespace}/${name}`;
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
  patch: (strategy: string, body: object, force?: boolean) => Promise<unknown>,
  strategies: { readonly ServerSideApply: string; readonly MergePatch: string },
  { namespace, name }: ClusterTarget,
  live: LiveMesh,
  { text, droppedAnnotations }: MeshOutcome,
): Promise<void> {
  try {
    let { resourceVersion } = live;
    if (text !== live.text) {
      const metadata = { namespace, name, resourceVersion };
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: text } };
      const written = await patch(strategies.ServerSideApply, body, true);
      resourceVersion = textAt(written, "metadata", "resourceVersion") ?? resourceVersion;
    }
    if (droppedAnnotations.length > 0) {
      // Apply cannot take away what another manager wrote.
      const annotations = Object.fromEntries(droppedAnnotations.map((key) => [key, null]));
      await patch(strategies.MergePatch, { metadata: { resourceVersion, annotations } });
    }
  } catch (error) {
    // With force a conflict can only be one of versions.
    if (statusOf(error) === 409) {
      throw new ConcurrentEdit("the ConfigMap was changed meanwhile");
    }
    throw error;
  }
}

async function listPolicies(custom: CustomObjectsApi, server: string): Promise<LiveObject[]> {
  const group = "security.istio.io";
  const plural = "authorizationpolicies";
  const found: LiveObject[] = [];
  let next: string | undefined;
  try {
    do {
      const page: unknown = await custom.listClusterCustomObject({
        group,
        version: "v1",
        plural,
        limit: pageSize,
        _continue: next,
      });
      // Items of a list are objects; their fields are checked where they are read.
      found.push(...(listAt(page, "items") as LiveObject[]));
      next = textAt(page, "metadata", "continue");
    } while (next !== undefined && next !== "");
  } catch (error) {
    if (statusOf(error) === 404) {
      return [];
    }
    throw clusterRefusal(error, { verb: "list", resource: plural, group }, server);
  }
  return found;
}
