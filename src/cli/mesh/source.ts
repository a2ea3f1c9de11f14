import { configMapNameOf } from "../../settings/mesh";
import { Refusal, UsageProblem } from "../../offline/refusal";
import { fileLabel, readText } from "../../offline/yamlFile";
import type { ClusterTarget } from "./cluster";
import { readMeshFile } from "./meshFile";
import type { MeshFile } from "./meshFile";

/** Flags that say where the mesh text is, as commander parses them. */
export interface SourceFlags {
  readonly file?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly revision?: string;
  readonly configMap?: string;
}

/** Where the mesh text is. */
export type MeshSource = { readonly kind: "file"; readonly path: string } | ClusterTarget;

/**
 * Where the flags say that the mesh text is: in a file, else in the cluster.
 * @throws UsageProblem when they contradict each other
 */
export function chosenSource(flags: SourceFlags): MeshSource {
  if (flags.revision !== undefined && flags.configMap !== undefined) {
    throw new UsageProblem("--revision and --config-map both name the ConfigMap. Give one of the two.");
  }
  if (flags.file === undefined) {
    return {
      kind: "cluster",
      context: flags.context,
      kubeconfig: flags.kubeconfig,
      namespace: flags.namespace ?? "istio-system",
      name: flags.configMap ?? configMapNameOf(flags.revision ?? "default"),
    };
  }
  if (flags.context !== undefined || flags.kubeconfig !== undefined) {
    throw new UsageProblem(
      "--file is read in place of a cluster; --context and --kubeconfig do not go with it.",
    );
  }
  return { kind: "file", path: flags.file };
}

/**
 * Reads the mesh text of a file.
 * @param path - The file; `-` is standard input.
 * @throws Refusal when it cannot be read or holds no mesh text
 */
export function loadMeshFile(path: string, flags: SourceFlags): MeshFile {
  const label = fileLabel(path);
  const content = readText(path);
  if (content.includes("\uFFFD")) {
    throw new Refusal(`${label} is not UTF-8. Convert it first.`);
  }
  const name =
    flags.configMap ?? (flags.revision === undefined ? undefined : configMapNameOf(flags.revision));
  return readMeshFile(content, label, { name, namespace: flags.namespace });
}
