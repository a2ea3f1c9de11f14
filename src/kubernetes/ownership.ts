import { createHash } from "node:crypto";
import { labelsOf, type LiveObject } from "./liveObject";

/** Who edits the mesh configuration: one component of one stack. */
export interface MeshOwner {
  /** `<project>/<stack>/<component>`, for people. */
  component: string;
  /** The component's stable id; undefined or empty in the first preview, before it exists. */
  id: string | undefined;
}

const ownerPrefix = "owner.pulumi-sigsci-istio/";
const entryPrefix = "entry.pulumi-sigsci-istio/";
const earlyPrefix = "early.pulumi-sigsci-istio/";
const editedPrefix = "edited.pulumi-sigsci-istio/";

/** Annotations of a ConfigMap. */
export type Annotations = Readonly<Record<string, string>>;

/**
 * Key of the annotation that says who owns a provider.
 *
 * @param provider - Name of the provider, at most 63 characters.
 */
export function ownerAnnotation(provider: string): string {
  return ownerPrefix + provider;
}

/**
 * Key of the annotation that holds the definition of a provider, as JSON. It is a field of its own: who overwrites the
 * mesh text by mistake does not overwrite it.
 *
 * @param provider - Name of the provider, at most 63 characters.
 */
export function entryAnnotation(provider: string): string {
  return entryPrefix + provider;
}

/**
 * Key of the annotation that says for which component, which has not written yet, another component of its program
 * wrote a provider.
 *
 * @param provider - Name of the provider, at most 63 characters.
 */
export function earlyAnnotation(provider: string): string {
  return earlyPrefix + provider;
}

/**
 * Key of the annotation that changes whenever the live text lacks something of ours, so that the engine, which
 * compares inputs with its state only, sees a difference.
 *
 * @param component - `<project>/<stack>/<component>`; hashed, since a key has at most 63 characters.
 */
export function editedAnnotation(component: string): string {
  return editedPrefix + createHash("sha256").update(component).digest("hex").slice(0, 10);
}

/**
 * Value of the owner annotation: for people before the `#`, the id behind it.
 *
 * @param owner - The owner; its id must be known.
 */
export function ownerMark(owner: MeshOwner): string {
  return `${owner.component}#${owner.id ?? ""}`;
}

/**
 * The owner that an annotation names.
 *
 * @param mark - Value of the annotation; a text without `#`, as written by hand, has no id.
 */
export function readMark(mark: string): MeshOwner {
  const separator = mark.lastIndexOf("#");
  return separator === -1
    ? { component: mark, id: undefined }
    : { component: mark.slice(0, separator), id: mark.slice(separator + 1) };
}

/** How a provider of the mesh relates to a component. */
export type Ownership = "ours" | "unowned" | "lost" | "foreign";

/**
 * Who owns a provider, as far as the annotations say: `ours`, `unowned` (no mark), `lost` (marked by a component
 * of the same name with another id, as after a lost state) or `foreign`.
 *
 * @param owner - The component that asks. Without an id the name decides.
 */
export function ownershipOf(annotations: Annotations, provider: string, owner: MeshOwner): Ownership {
  const mark = annotations[ownerAnnotation(provider)];
  if (mark === undefined) {
    return annotations[earlyAnnotation(provider)] === owner.component ? "ours" : "unowned";
  }
  const marked = readMark(mark);
  const sameName = marked.component === owner.component;
  // In the first preview of a program its components have no ids yet: an empty one is not that of another.
  const byName = owner.id === undefined || (owner.id === "" && marked.id === "");
  const sameId = byName ? sameName : marked.id === owner.id;
  if (sameId) {
    return "ours";
  }
  return sameName ? "lost" : "foreign";
}

/** Names of the providers that carry a mark, in the order of the annotations. */
export function markedProviders(annotations: Annotations): string[] {
  return [...new Set([...namesBehind(annotations, ownerPrefix), ...namesBehind(annotations, earlyPrefix)])];
}

/** Names of the providers that a component owns, in the order of the annotations. */
export function ownedProviders(annotations: Annotations, owner: MeshOwner): string[] {
  return markedProviders(annotations).filter(
    (provider) => ownershipOf(annotations, provider, owner) === "ours",
  );
}

/** The annotations without the marks of some providers. */
export function withoutMarks(annotations: Annotations, providers: readonly string[]): Annotations {
  const gone = new Set(
    providers.flatMap((name) => [ownerAnnotation(name), entryAnnotation(name), earlyAnnotation(name)]),
  );
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !gone.has(key)));
}

function namesBehind(annotations: Annotations, prefix: string): string[] {
  return Object.keys(annotations)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
}

const partOfKey = "app.kubernetes.io/part-of";

/** The labels of everything that this package creates. Source: Kubernetes, "Recommended labels". */
export const ownLabels = {
  [partOfKey]: "sigsci-istio",
  "app.kubernetes.io/managed-by": "pulumi",
};

/**
 * The same for what a component creates beside its agent.
 *
 * @param instance - Name of the agent's objects.
 */
export function componentLabels(instance: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": "sigsci-agent",
    "app.kubernetes.io/instance": instance,
    ...ownLabels,
  };
}

/** Whether this package has created an object, as its labels say. */
export function isOwnObject(object: LiveObject): boolean {
  return labelsOf(object)[partOfKey] === ownLabels[partOfKey];
}
