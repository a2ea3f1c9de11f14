import { annotationsOf, at, labelsOf } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { Refusal } from "../offline/refusal";
import { fileLabel, parseYaml, readText } from "../offline/yamlFile";
import { isRecord } from "../pulumi/inputs";

/** One Kubernetes object of a manifest file. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** undefined if the manifest names none */
  readonly namespace: string | undefined;
  readonly manifest: Readonly<Record<string, unknown>>;
  /** file it came from, as given */
  readonly file: string;
}

function isList(value: unknown): value is { readonly items: readonly unknown[] } {
  return (
    isRecord(value) &&
    typeof value.kind === "string" &&
    value.kind.endsWith("List") &&
    Array.isArray(value.items)
  );
}

function flatten(value: unknown): Record<string, unknown>[] {
  if (isList(value)) {
    return value.items.flatMap(flatten);
  }
  return isRecord(value) ? [value] : [];
}

/** The Kubernetes objects among YAML documents, with the items of each `List` in its place; the rest is left out. */
export function objectsIn(values: readonly unknown[], file: string): ClusterObject[] {
  return values.flatMap(flatten).flatMap((manifest) => {
    const { apiVersion, kind, metadata } = manifest;
    if (typeof apiVersion !== "string" || typeof kind !== "string" || !isRecord(metadata)) {
      return [];
    }
    const name = metadata.name ?? metadata.generateName;
    if (typeof name !== "string") {
      return [];
    }
    const namespace = typeof metadata.namespace === "string" ? metadata.namespace : undefined;
    return [{ apiVersion, kind, name, namespace, manifest, file }];
  });
}

/**
 * Reads manifest files: any number of YAML or JSON documents each, `List`s included; `-` is standard input.
 * @throws Refusal naming the file, and the line of a syntax error; also where a file holds something else
 */
export function readManifests(files: readonly string[]): ClusterObject[] {
  return files.flatMap((file) => {
    const documents = parseYaml(readText(file), file);
    const objects = objectsIn(documents, file);
    // `kubectl get` prints an empty list where it finds nothing.
    const isEmptyList = documents.length > 0 && documents.every((document) => isList(document));
    if (objects.length === 0 && !isEmptyList) {
      throw new Refusal(
        `${fileLabel(file)} holds no Kubernetes object (apiVersion, kind and metadata.name), such as ` +
          "`kubectl get deployments --output yaml` or `helm template` print.",
      );
    }
    return objects;
  });
}

/** A manifest, or the template in it, with the name and the namespace that it will have. */
export function placed(
  manifest: unknown,
  { name, namespace }: Pick<ClusterObject, "name" | "namespace">,
  defaultNamespace: string,
): LiveObject {
  const own = { metadata: at(manifest, "metadata") };
  return {
    metadata: {
      labels: labelsOf(own),
      annotations: annotationsOf(own),
      name,
      namespace: namespace ?? defaultNamespace,
    },
    spec: at(manifest, "spec"),
  };
}
