import { isRecord } from "../../pulumi/inputs";
import { at, textAt } from "../../kubernetes/liveObject";

/** A file that is no mesh text and no mesh ConfigMap, although a mesh configuration may be in it. */
export interface ForeignFile {
  /** What it is, for example `Helm values (key meshConfig)`. */
  readonly what: string;
  /** Where the entries go there, in full sentences. */
  readonly remedy: string;
}

// Top-level keys of Istio's charts that are no fields of a mesh configuration. Source: Istio, charts base and istiod.
const chartKeys = new Set(
  (
    "_internal_defaults_do_not_edit autoscaleEnabled autoscaleMax autoscaleMin base defaultRevision defaults env gateways " +
    "global hub image istio_cni istiodRemote meshConfig ownerName pilot profile replicaCount resources revision " +
    "revisionTags sidecarInjectorWebhook tag telemetry ztunnel"
  ).split(" "),
);

/** Where the entries go in the objects from which Istio is installed, and the output that holds them in that form. */
const installations: Readonly<Record<string, readonly [what: string, path: string, output: string]>> = {
  IstioOperator: ["an IstioOperator", "spec.meshConfig", "istioOperatorYaml"],
  HelmRelease: ["a HelmRelease of Flux", "spec.values.meshConfig", "helmValuesYaml"],
  HelmChart: ["a HelmChart of k3s", "spec.valuesContent, below meshConfig", "helmValuesYaml"],
  Application: ["an Application of Argo CD", "the values of its chart, below meshConfig", "helmValuesYaml"],
  Istio: ["an Istio resource of the Sail operator", "spec.values.meshConfig", "helmValuesYaml"],
  IstioRevision: ["an IstioRevision of the Sail operator", "spec.values.meshConfig", "helmValuesYaml"],
  ServiceMeshControlPlane: ["a ServiceMeshControlPlane", "spec.techPreview.meshConfig", "helmValuesYaml"],
};

/**
 * Recognises by its shape a YAML document that must not be taken for a mesh text: entries written at its top would be
 * ignored, or would break it.
 *
 * @param document - As plain data.
 * @returns undefined for a mesh text, and for every object of another kind.
 */
export function foreignFile(document: unknown): ForeignFile | undefined {
  if (Array.isArray(document)) {
    return document.some((item) => at(item, "op") !== undefined && at(item, "path") !== undefined)
      ? patch("a JSON patch")
      : undefined;
  }
  if (!isRecord(document)) {
    return undefined;
  }
  const kind = textAt(document, "kind");
  if (kind !== undefined) {
    return byKind(kind);
  }
  if (isRecord(at(document, "spec", "meshConfig"))) {
    return installation("an IstioOperator without kind", "spec.meshConfig", "istioOperatorYaml");
  }
  if (isRecord(at(document, "spec", "values", "meshConfig"))) {
    return installation("a patch of Helm values", "spec.values.meshConfig", "helmValuesYaml");
  }
  if (["data", "spec", "metadata"].some((key) => isRecord(document[key]))) {
    return patch("a patch without kind");
  }
  if (["resources", "patches", "configMapGenerator"].some((key) => Array.isArray(document[key]))) {
    return byKind("Kustomization");
  }
  return helmValues(document);
}

function byKind(kind: string): ForeignFile | undefined {
  if (kind === "Kustomization") {
    return patch("a Kustomization");
  }
  const found = Object.hasOwn(installations, kind) ? installations[kind] : undefined;
  return found && installation(...found);
}

function helmValues(document: Readonly<Record<string, unknown>>): ForeignFile | undefined {
  const own = Object.keys(document).find((key) => chartKeys.has(key));
  if (own !== undefined) {
    const key = "meshConfig" in document ? "meshConfig" : own;
    return installation(`Helm values (key ${key})`, "meshConfig", "helmValuesYaml");
  }
  // Of a chart that has istiod's as a part.
  const part = Object.keys(document).find((key) => isRecord(at(document, key, "meshConfig")));
  return part === undefined
    ? undefined
    : installation(`Helm values (key ${part}.meshConfig)`, `${part}.meshConfig`, "helmValuesYaml");
}

function installation(what: string, path: string, output: string): ForeignFile {
  return {
    what,
    remedy:
      `There the entries go to ${path}.extensionProviders: take them from the component's output ${output}, and set ` +
      "`mesh: { strategy: MeshConfigStrategy.External }`, which leaves the mesh ConfigMap to the installation.",
  };
}

function patch(what: string): ForeignFile {
  return {
    what,
    remedy:
      "Give the whole ConfigMap (apiVersion: v1, kind: ConfigMap, with the text under data.mesh), or that text alone; the " +
      "entries go to extensionProviders in it.",
  };
}

/** What is said of a file in which there is nothing else. */
export function foreignFileMessage(label: string, { what, remedy }: ForeignFile): string {
  return `${label} holds ${what}, not a mesh configuration. ${remedy}`;
}
