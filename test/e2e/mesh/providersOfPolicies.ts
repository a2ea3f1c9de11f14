import { parse } from "yaml";
import { clusterObjects } from "../lifecycle/objects";
import type { PlainKubernetesObject } from "../lifecycle/objects";

/**
 * The policies that would make Envoy refuse every request they match, each as `<namespace>/<name> -> <provider>`:
 * those with action CUSTOM whose provider is not in the mesh text.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export async function policiesWithoutProvider(kubeconfig: string): Promise<string[]> {
  return unprovidedPolicies(await clusterObjects(kubeconfig));
}

/** The same for objects that were read already. */
export function unprovidedPolicies(objects: ReadonlyMap<string, PlainKubernetesObject>): string[] {
  const provided = meshProviderNames(meshTextOf(objects));
  return [...objects]
    .filter(([key]) => key.startsWith("AuthorizationPolicy "))
    .flatMap(([key, { spec }]) => {
      const provider = customProvider(spec);
      return provider === undefined || provided.has(provider) ? [] : [`${key} -> ${provider}`];
    });
}

/** The key `mesh` of ConfigMap `istio-system/istio`. */
export function meshTextOf(objects: ReadonlyMap<string, PlainKubernetesObject>): string {
  const data = objects.get("ConfigMap istio-system/istio")?.data;
  const text = isRecord(data) ? data.mesh : undefined;
  if (typeof text !== "string") {
    throw new Error("the mesh ConfigMap has no text");
  }
  return text;
}

/** Names of the entries of `extensionProviders` in a mesh text. */
export function meshProviderNames(text: string): Set<string> {
  const config: unknown = parse(text);
  const list: unknown[] =
    isRecord(config) && Array.isArray(config.extensionProviders) ? config.extensionProviders : [];
  return new Set(
    list.flatMap((entry) => (isRecord(entry) && typeof entry.name === "string" ? [entry.name] : [])),
  );
}

function customProvider(spec: unknown): string | undefined {
  if (!isRecord(spec) || spec.action !== "CUSTOM") {
    return undefined;
  }
  const name = isRecord(spec.provider) ? spec.provider.name : undefined;
  return typeof name === "string" ? name : "(none)";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
