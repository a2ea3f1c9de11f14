import { ClusterClient } from "../kubernetes/clusterClient";
import { loadKubeconfig } from "../kubernetes/kubeconfig";
import { textAt } from "../kubernetes/liveObject";
import { pathOf } from "./reads";
import type { PreflightSource } from "../kubernetes/kubeconfigSource";

/** A mesh ConfigMap that Pulumi's own provider has read. */
export interface KnownMesh {
  /** `<namespace>/<name>`. */
  id: string;
  /** Its uid; undefined when the provider did not say. */
  uid: string | undefined;
}

/** The kubeconfig leads to another cluster, or it is not known whether it does. */
export class NotTheCluster extends Error {}

/**
 * Opens the cluster of a source, after making sure that it is the one of Pulumi's own provider: the same ConfigMap
 * has the same uid there, which no two objects share.
 *
 * @param source - Where preflight looks.
 * @param meshes - What the provider has read.
 * @param timeoutSeconds - Seconds that all reads together may take.
 * @throws KubeconfigError, RequestFailure or NotTheCluster
 */
export async function openCluster(
  source: PreflightSource,
  meshes: readonly KnownMesh[],
  timeoutSeconds: number,
): Promise<ClusterClient> {
  const known = meshes.find(({ uid }) => uid !== undefined);
  if (known === undefined && source.needsProof) {
    throw new NotTheCluster(
      "this component reads no mesh ConfigMap by which the cluster could be recognised; say `preflight: { enabled: " +
        "true }` if the kubeconfig of the environment is the right one, or `false`",
    );
  }
  const reader = await ClusterClient.open(await loadKubeconfig(source), timeoutSeconds);
  if (known !== undefined) {
    const [namespace, name] = known.id.split("/");
    const read = { fact: "meshConfigMaps", verb: "get", group: "", version: "v1" } as const;
    const found = await reader.get(pathOf({ ...read, resource: "configmaps", namespace, name }), true);
    if (textAt(found, "metadata", "uid") !== known.uid) {
      throw new NotTheCluster(
        `the kubeconfig leads to ${reader.host}, where ConfigMap ${known.id} is not the one that Pulumi reads. Give the ` +
          "right one in `preflight.kubeconfig`",
      );
    }
  }
  return reader;
}
