import type { ClusterClient } from "../kubernetes/clusterClient";
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
 * Opens the cluster of a source, after making sure that it is the one of Pulumi's own provider: a ConfigMap that this
 * has read has the same uid there, which no two objects share.
 *
 * @throws NotTheCluster, and what `open` throws
 */
export async function openCluster(
  { needsProof }: Pick<PreflightSource, "needsProof">,
  meshes: readonly KnownMesh[],
  open: () => Promise<ClusterClient>,
): Promise<ClusterClient> {
  const known = meshes.find(({ uid }) => uid !== undefined);
  if (known === undefined && needsProof) {
    throw new NotTheCluster(
      "this component reads no mesh ConfigMap by which the cluster could be recognised; say `preflight: { enabled: " +
        "true }` if the kubeconfig of the environment is the right one, or `false`",
    );
  }
  const client = await open();
  if (known !== undefined) {
    const [namespace, name] = known.id.split("/");
    const read = { fact: "meshConfigMaps", verb: "get", group: "", version: "v1" } as const;
    const found = await client.get(pathOf({ ...read, resource: "configmaps", namespace, name }), true);
    if (textAt(found, "metadata", "uid") !== known.uid) {
      throw new NotTheCluster(
        `the kubeconfig leads to ${client.host}, where ConfigMap ${known.id} is not the one that Pulumi reads. Give the ` +
          "right one in `preflight.kubeconfig`",
      );
    }
  }
  return client;
}
