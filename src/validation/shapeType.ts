import type { Forms } from "./form";
import type { ArgumentProblem } from "./problem";

/**
 * Gives the reasons to refuse a value: a wrong type, which programs without type checks can have, and a wrong syntax.
 * What depends on several arguments is checked elsewhere.
 */
export interface Shape {
  (value: unknown, path: string): ShapeProblem[];
  /** Right values, made of one in a wrong form where it can be read. */
  readonly forms?: Forms;
  /** The fields of an object, or of the objects in a list. */
  readonly fields?: KnownFields;
  /** Set when a value may be a secret: it is not shown. */
  readonly hidden?: true;
}

/** A reason to refuse a value, and what the shapes around it make of that. */
export interface ShapeProblem extends ArgumentProblem {
  /** What to do, without a word of the value: for one that must not be shown. */
  general?: string;
  /** The advice, followed in each way that may be meant; none where nothing could be read from what was given. */
  followed?: readonly Correction[];
  /** Looks inside an object for the place of a field that stands where there is none of its name. */
  placeIn?: (path: string, fields: KnownFields) => ShapeProblem | undefined;
}

/** A right value for a place in the arguments. */
export interface Correction {
  /** Where it stands then. */
  path: string;
  /** The arguments with it, and without what stood in a wrong place. */
  apply: (args: unknown) => unknown;
}

/** The fields of an object, or of the objects in a list. */
export interface KnownFields {
  /** Shape of each. */
  shapes: ReadonlyMap<string, Shape>;
  /** Whether they are those of a list's entries. */
  inList: boolean;
  /** Whether there may be others. */
  open: boolean;
}
