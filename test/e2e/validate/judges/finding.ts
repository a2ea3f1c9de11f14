import type { PlainObject } from "../../stack/apply";

/** The programs and the API server, as judges of objects. */
export type JudgeName = "kubeconform" | "kube-score" | "Monokle" | "Pod Security";

/** Something that a judge has against an object. */
export interface Finding {
  readonly judge: JudgeName;
  /** The judge's own name of the rule. */
  readonly check: string;
  /** `<kind> <namespace>/<name>`, or `<kind> <name>` outside of namespaces. */
  readonly object: string;
  /** The container that is meant, if it is one. */
  readonly container?: string;
  readonly message: string;
}

/** A whole object, and the text that stands for it. */
export interface Subject {
  readonly object: PlainObject;
  readonly text: string;
}

/** Somebody who finds faults in the objects of one program, which may refer to each other. */
export interface Judge {
  readonly name: JudgeName;
  judge(subjects: readonly Subject[]): Promise<readonly Finding[]>;
}

/** How findings and waivers name an object. */
export function idOf({ kind, metadata: { namespace, name } }: PlainObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** An object as the subject of a judgement, with its JSON as text. */
export function subjectOf(object: PlainObject): Subject {
  return { object, text: JSON.stringify(object) };
}
