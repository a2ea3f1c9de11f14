import { parseDocument } from "yaml";

/**
 * Reads a mesh text that is only looked at, as Istio would: also JSON, anchors, and a key that is there twice, of
 * which the last counts.
 *
 * @param text - The key `mesh` of a mesh ConfigMap.
 * @returns plain data; undefined when the text is not valid YAML.
 */
export function readLenient(text: string): unknown {
  try {
    const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false });
    return document.errors.length > 0 ? undefined : document.toJS();
  } catch {
    // The parser refuses aliases of nothing, and such as multiply without end.
    return undefined;
  }
}
