import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../pulumi/inputs";
import { entryAnnotation, markedProviders, ownerAnnotation, readMark } from "../kubernetes/ownership";
import type { Annotations } from "../kubernetes/ownership";
import { at, textAt } from "../kubernetes/liveObject";
import type { ExtensionProvider } from "./extensionProvider";
import type { ProviderEntry } from "./text/meshText";

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

/**
 * The entries of which the text does not say what their owners wrote down. One that stands twice is left to its owner,
 * who is told the lines.
 *
 * @param entries - The entries of the text.
 */
export function undoneEntries(owned: Iterable<OwnedEntry>, entries: readonly ProviderEntry[]): OwnedEntry[] {
  return [...owned].filter(({ provider }) => {
    const found = entries.filter((entry) => entry.name === provider.name);
    return found.length <= 1 && !isDeepStrictEqual(found[0]?.value, provider);
  });
}

function definitionIn(text: string | undefined, name: string): ExtensionProvider | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isProvider(value) && value.name === name ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One kind with a service: with anything else istiod refuses the whole mesh configuration, others' entries included. */
function isProvider(value: unknown): value is ExtensionProvider {
  if (!isRecord(value)) {
    return false;
  }
  const kinds = Object.keys(value).filter((key) => key !== "name");
  const [kind = ""] = kinds;
  return (
    kinds.length === 1 &&
    ["envoyExtAuthzGrpc", "envoyHttpAls"].includes(kind) &&
    textAt(value, kind, "service") !== undefined &&
    typeof at(value, kind, "port") === "number"
  );
}
