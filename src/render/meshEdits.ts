import { at, textMapAt } from "../kubernetes/liveObject";
import { kubernetesObject, objectId, type KubernetesObject } from "./kubernetesObject";
import type { RecordedResource } from "../offline/recordedResource";
import { redact, SecretValue } from "../offline/secretValue";
import { unifiedDiff } from "./unifiedDiff";

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

function meshText(properties: Readonly<Record<string, unknown>>): unknown {
  return at(properties, "data", "mesh");
}

const tooDifferent = ["(too different to compare: see the written manifest)"];

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
    diff: changed && after !== undefined ? (unifiedDiff(before ?? "", after) ?? tooDifferent) : [],
    annotations: textMapAt(redact(object.resource.inputs.metadata), "annotations"),
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
