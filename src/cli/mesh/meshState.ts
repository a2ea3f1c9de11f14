import type { Annotations } from "../../kubernetes/ownership";

/** A mesh text as a command found it. */
export interface MeshState {
  /** How messages name the place: a file, standard input or `ConfigMap <namespace>/<name>`. */
  readonly label: string;
  /** The mesh text. */
  readonly text: string;
  /** Annotations of the ConfigMap; empty for a bare text. */
  readonly annotations: Annotations;
}

/** What an edit makes of a mesh text. */
export interface MeshOutcome {
  /** The text afterwards; the very same string when nothing changes. */
  readonly text: string;
  /** Keys of annotations that lose their meaning. */
  readonly droppedAnnotations: readonly string[];
  /** Names of providers that are gone afterwards; a policy that refers to one denies what it matches. */
  readonly removed: readonly string[];
  /** What happens to each provider, a sentence each. */
  readonly notes: readonly string[];
}

/** Decides an edit. A refusal is thrown. */
export type MeshEditor = (state: MeshState) => MeshOutcome;
