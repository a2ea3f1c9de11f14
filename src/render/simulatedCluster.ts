import { parseAllDocuments } from "yaml";
import { standInAnnotation } from "../kubernetes/standIn";
import type { ClusterObject } from "./clusterObjects";
import type { MeshSource } from "./meshSource";
import type { RecordOptions } from "../offline/recording";
import { isClusterScoped } from "../offline/simulatedProviders";
import { isRecord } from "../pulumi/inputs";

const STACK_REFERENCE = "pulumi:pulumi:StackReference";
const NAMESPACE_TYPE = "kubernetes:core/v1:Namespace";
const YAML_DECODE = "kubernetes:yaml:decode";

function idOf({ kind, name, namespace }: ClusterObject, defaultNamespace: string): string {
  return isClusterScoped(kind) ? name : `${namespace ?? defaultNamespace}/${name}`;
}

/** What a program only compares with, as with strategy External, must not stop an offline run. */
function markStandIn(object: object | undefined): object | undefined {
  if (object === undefined) {
    return undefined;
  }
  const metadata: unknown = Reflect.get(object, "metadata");
  const { annotations, ...rest } = isRecord(metadata) ? metadata : {};
  const marked = { ...(isRecord(annotations) ? annotations : {}), [standInAnnotation]: "offline" };
  return { ...object, metadata: { ...rest, annotations: marked } };
}

/**
 * Answers what a program reads from a cluster: mesh config from its source, other objects from the given manifests.
 * A namespace that is read is there. References to other stacks are empty.
 */
export function simulateCluster(
  mesh: MeshSource,
  objects: readonly ClusterObject[],
  defaultNamespace: string,
): Pick<RecordOptions, "reads" | "calls"> {
  const found = new Map(
    objects.map((object) => [`${object.kind} ${idOf(object, defaultNamespace)}`, object.manifest]),
  );
  return {
    reads: (type, id, created) => {
      if (type === STACK_REFERENCE) {
        return { name: id, outputs: {}, secretOutputNames: [] };
      }
      const kind = type.slice(type.lastIndexOf(":") + 1);
      // Ids without a namespace mean the default one, as for the real provider.
      const fullId = id.includes("/") || isClusterScoped(kind) ? id : `${defaultNamespace}/${id}`;
      const manifest = found.get(`${kind} ${fullId}`);
      if (manifest !== undefined || created !== undefined) {
        return manifest ?? created;
      }
      if (kind === "ConfigMap") {
        return markStandIn(mesh.read(fullId));
      }
      if (kind === "Deployment" && /\/istiod(-[^/]+)?$/.test(fullId)) {
        return markStandIn({ apiVersion: "apps/v1", kind });
      }
      if (type === NAMESPACE_TYPE) {
        return { apiVersion: "v1", kind, metadata: { name: id } };
      }
      return undefined;
    },
    calls: (token, { text }) => {
      if (token !== YAML_DECODE || typeof text !== "string") {
        return undefined;
      }
      // The yaml package types plain values as any.
      return { result: parseAllDocuments(text).map((document) => document.toJS() as unknown) };
    },
  };
}
