import { objectsIn, type ClusterObject } from "./clusterObjects";
import { textAt } from "../kubernetes/liveObject";
import { foreignFile, foreignFileMessage } from "../mesh/text/foreignFile";
import { Refusal } from "../offline/refusal";
import { fileLabel, parseValidYaml, parseYaml, readText } from "../offline/yamlFile";
import { isRecord } from "../pulumi/inputs";

/** Stands in for the cluster's mesh config when the user gives none: what a plain installation of Istio writes. */
const SAMPLE_MESH = `defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
defaultProviders:
  metrics:
  - prometheus
enablePrometheusMerge: true
rootNamespace: istio-system
trustDomain: cluster.local
`;

/** Where the mesh config of a render comes from. */
export interface MeshSource {
  /** how messages name it */
  readonly label: string;
  /**
   * The ConfigMap with this id (`namespace/name`), or undefined if there is none. Any notes about a stand-in are
   * added to `notes`, once each.
   */
  read(id: string): object | undefined;
  readonly notes: ReadonlySet<string>;
}

function configMap(id: string, data: unknown, metadata: Readonly<Record<string, unknown>>): object {
  const [namespace, name] = id.split("/");
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { resourceVersion: "1", ...metadata, name, namespace },
    data,
  };
}

/** True for the names istiod reads: `istio`, or `istio-<revision>`. */
function isMeshConfigMap(id: string): boolean {
  return /^[^/]+\/istio(-[^/]+)?$/.test(id);
}

function fromText(text: string, label: string, note?: string): MeshSource {
  const notes = new Set<string>();
  return {
    label,
    notes,
    read: (id) => {
      if (!isMeshConfigMap(id)) {
        return undefined;
      }
      if (note !== undefined) {
        notes.add(note);
      }
      return configMap(id, { mesh: text }, {});
    },
  };
}

/** Finds the ConfigMap a program asks for: by full id, then by name, then the only one there is. */
function fromConfigMaps(maps: readonly ClusterObject[], label: string): MeshSource {
  const notes = new Set<string>();
  const answer = (id: string, { manifest }: ClusterObject): object =>
    configMap(id, manifest.data, isRecord(manifest.metadata) ? manifest.metadata : {});
  return {
    label,
    notes,
    read: (id) => {
      const [namespace, name] = id.split("/");
      const exact = maps.find((map) => map.name === name && (map.namespace ?? namespace) === namespace);
      if (exact !== undefined) {
        return answer(id, exact);
      }
      const [only, ...others] =
        maps.filter((map) => map.name === name).length === 0 ? maps : maps.filter((map) => map.name === name);
      if (only === undefined || others.length > 0 || !isMeshConfigMap(id)) {
        return undefined;
      }
      notes.add(
        `the program reads ConfigMap ${id}; ${label} holds ${only.namespace ?? "default"}/${only.name}, which is used instead`,
      );
      return answer(id, only);
    },
  };
}

/** The built-in sample, with a note that it is one. */
export function sampleMesh(): MeshSource {
  return fromText(
    SAMPLE_MESH,
    "built-in sample",
    "the mesh config is a built-in sample; give your own with --mesh FILE " +
      "(kubectl get configmap istio -n istio-system -o yaml)",
  );
}

/**
 * Reads a mesh config file: ConfigMap manifests as `kubectl get -o yaml` prints them, or the mesh text itself.
 * @param path `-` for standard input
 * @throws Refusal if it cannot be read, is not YAML, or holds neither
 */
export function readMeshSource(path: string): MeshSource {
  const text = readText(path);
  const label = fileLabel(path);
  const maps = (values: readonly unknown[]): ClusterObject[] =>
    objectsIn(values, path).filter(({ kind }) => kind === "ConfigMap");
  const values = valuesOf(text, path, (some) => maps(some).length > 0);
  const found = maps(values);
  const foreign = values.map(foreignFile).find((one) => one !== undefined);
  const hasText = found.some(({ manifest }) => textAt(manifest, "data", "mesh") !== undefined);
  if (hasText || (found.length > 0 && foreign === undefined)) {
    return fromConfigMaps(found, label);
  }
  if (foreign !== undefined) {
    throw new Refusal(foreignFileMessage(label, foreign));
  }
  const [only = /^\s*#/m.test(text) ? {} : undefined, ...others] = values;
  if (others.length > 0 || !isRecord(only) || "kind" in only) {
    throw new Refusal(`${label} holds neither a ConfigMap nor a mesh config (keys such as defaultConfig)`);
  }
  return fromText(text, label);
}

/** The documents of a file. One that is not valid is left out where the others hold what is looked for. */
function valuesOf(text: string, path: string, isEnough: (values: readonly unknown[]) => boolean): unknown[] {
  try {
    return parseYaml(text, path);
  } catch (error) {
    const valid = error instanceof Refusal ? parseValidYaml(text, path) : [];
    if (isEnough(valid)) {
      return valid;
    }
    throw error;
  }
}
