import { isRecord } from "../pulumi/inputs";
import { entryAnnotation, markedProviders, ownerAnnotation, readMark } from "../kubernetes/ownership";
import type { Annotations } from "../kubernetes/ownership";
import type { ExtensionProvider } from "./extensionProvider";

/** An entry of the mesh configuration as its owner wrote it down beside the text. */
export interface OwnedEntry {
  /** `<project>/<stack>/<component>`. */
  component: string;
  /** The definition. */
  provider: ExtensionProvider;
}

/** The value of the annotation that keeps a definition. */
export function entryText(provider: ExtensionProvider): string {
  return JSON.stringify(provider);
}

/**
 * The entries of all components, by name, from the annotations of a mesh ConfigMap: those that carry a mark and a
 * definition. Marks of earlier versions have no definition.
 */
export function ownedEntries(annotations: Annotations): Map<string, OwnedEntry> {
  return new Map(
    markedProviders(annotations).flatMap((name): [string, OwnedEntry][] => {
      const mark = annotations[ownerAnnotation(name)];
      const provider = definitionIn(annotations[entryAnnotation(name)], name);
      return mark === undefined || provider === undefined
        ? []
        : [[name, { component: readMark(mark).component, provider }]];
    }),
  );
}

function definitionIn(text: string | undefined, name: string): ExtensionProvider | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    // A component wrote it; what a person changed there is for istiod to judge, as in the text itself.
    return isRecord(value) && value.name === name ? (value as unknown as ExtensionProvider) : undefined;
  } catch {
    return undefined;
  }
}
