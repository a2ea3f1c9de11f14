import { structuredPatch } from "diff";
import { kubernetesObject, objectId, type KubernetesObject } from "./kubernetesObject";
import type { RecordedResource } from "../offline/recordedResource";
import { isPlainObject, redact, reveal, SecretValue } from "../offline/secretValue";

/** What a program does to one ConfigMap that holds mesh config. */
export interface MeshEdit {
  /** `namespace/name` of the ConfigMap */
  readonly configMap: string;
  /** `patch` of an existing ConfigMap, or a ConfigMap the program itself creates */
  readonly how: "patch" | "create";
  /** text found there, or left there by an earlier edit; undefined if the program did not read it */
  readonly before: string | undefined;
  /** true if an earlier edit of the same program comes before it */
  readonly isFollowUp: boolean;
  /** text afterwards; undefined if it is secret or not a text */
  readonly after: string | undefined;
  readonly changed: boolean;
  /** unified diff without file header, one line each, empty if nothing changes */
  readonly diff: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** true if the text stays when the resource is deleted */
  readonly retainOnDelete: boolean;
}

// A text edited beyond recognition would take minutes to compare; the reader is then better served by the whole.
const DIFF_TIMEOUT_MS = 5000;

function meshText(properties: Readonly<Record<string, unknown>>): unknown {
  return isPlainObject(properties.data) ? properties.data.mesh : undefined;
}

function unifiedDiff(before: string, after: string): string[] {
  const patch = structuredPatch("before", "after", before, after, "", "", {
    context: 3,
    timeout: DIFF_TIMEOUT_MS,
  });
  if (patch === undefined) {
    return ["(too different to compare: see the written manifest)"];
  }
  // By convention an empty side starts before its first line; the library leaves that to its own printer.
  const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`;
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...lines,
  ]);
}

function annotationsOf(object: KubernetesObject): Record<string, string> {
  const metadata = redact(object.resource.inputs.metadata);
  const annotations = isPlainObject(metadata) ? metadata.annotations : undefined;
  if (!isPlainObject(annotations)) {
    return {};
  }
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, String(value)]));
}

function toEdit(
  object: KubernetesObject,
  before: string | undefined,
  isFollowUp: boolean,
): MeshEdit | undefined {
  const found = meshText(object.resource.inputs);
  if (found === undefined) {
    return undefined;
  }
  const isSecret = found instanceof SecretValue || object.resource.inputs.data instanceof SecretValue;
  const after = typeof found === "string" && !isSecret ? found : undefined;
  const changed = after !== before;
  return {
    configMap: objectId(object),
    how: object.isPatch ? "patch" : "create",
    before,
    isFollowUp,
    after,
    changed,
    diff: changed && after !== undefined ? unifiedDiff(before ?? "", after) : [],
    annotations: annotationsOf(object),
    retainOnDelete: object.resource.options.retainOnDelete,
  };
}

/** The mesh texts a program read, by ConfigMap (`namespace/name`). */
export function meshTextsRead(resources: readonly RecordedResource[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const resource of resources.filter(({ isRead }) => isRead)) {
    const object = kubernetesObject(resource);
    const text = object?.kind === "ConfigMap" ? meshText(resource.outputs) : undefined;
    if (object !== undefined && typeof text === "string") {
      texts.set(objectId(object), text);
    }
  }
  return texts;
}

/** What a program does to mesh config: each patch of a ConfigMap's `data.mesh`, and each such ConfigMap it creates. */
export function findMeshEdits(resources: readonly RecordedResource[]): MeshEdit[] {
  const current: Map<string, string | undefined> = meshTextsRead(resources);
  const edited = new Set<string>();
  return resources.flatMap((resource) => {
    const object = kubernetesObject(resource);
    if (object === undefined || resource.isRead || object.kind !== "ConfigMap") {
      return [];
    }
    const id = objectId(object);
    const edit = toEdit(object, current.get(id), edited.has(id));
    if (edit === undefined) {
      return [];
    }
    current.set(id, edit.after);
    edited.add(id);
    return [edit];
  });
}

/** A resource's `spec` without marks, as an object. */
export function specOf(resource: RecordedResource): Readonly<Record<string, unknown>> {
  const spec = reveal(resource.inputs.spec);
  return isPlainObject(spec) ? spec : {};
}
