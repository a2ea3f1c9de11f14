import { ownerAnnotation, readMark } from "../../kubernetes/ownership";
import type { Annotations } from "../../kubernetes/ownership";

/** The components that the marks of a ConfigMap name, by provider. */
export function ownersByProvider(annotations: Annotations): Map<string, string> {
  const prefix = ownerAnnotation("");
  return new Map(
    Object.entries(annotations).flatMap(([key, mark]): [string, string][] =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), readMark(mark).component]] : [],
    ),
  );
}
