import { parseDocument } from "yaml";
import { isRecord } from "../../pulumi/inputs";
import { textAt } from "../../kubernetes/liveObject";

/** A mesh configuration as plain data. */
export type MeshConfig = Readonly<Record<string, unknown>>;

/**
 * Reads a mesh text that is only looked at, as Istio would: also JSON, anchors, and a key that is there twice, of
 * which the last counts. Undefined when the text is not valid YAML.
 */
export function readLenient(text: string): MeshConfig | undefined {
  try {
    const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false });
    if (document.errors.length > 0) {
      return undefined;
    }
    const value: unknown = document.toJS();
    return isRecord(value) ? value : {};
  } catch {
    // The parser refuses aliases of nothing, and such as multiply without end.
    return undefined;
  }
}

/** Istio's root namespace, where policies reach every namespace: the first that is named, else that of istiod. */
export function rootNamespaceOf(configs: readonly MeshConfig[], istioNamespace: string): string {
  const named = configs.map((config) => textAt(config, "rootNamespace"));
  return named.find((name) => name !== undefined && name !== "") ?? istioNamespace;
}
