import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../pulumi/inputs";
import type { ExtensionProvider } from "../extensionProvider";
import type { ProviderChange } from "./setProviders";

/** A provider in one line of words, for the preview. */
export function describeProvider({ envoyExtAuthzGrpc, envoyHttpAls }: ExtensionProvider): string {
  if (envoyExtAuthzGrpc !== undefined) {
    const { service, port, timeout, failOpen, includeRequestBodyInCheck: body } = envoyExtAuthzGrpc;
    const bytes = body === undefined ? "no body" : `${body.maxRequestBytes} bytes of body`;
    return `checks by ${service}:${port}, ${bytes}, fails ${failOpen ? "open" : "closed"} after ${timeout}`;
  }
  return envoyHttpAls === undefined ? "" : `access log to ${envoyHttpAls.service}:${envoyHttpAls.port}`;
}

/** What an edit does to a provider of ours. */
export type OwnProviderChange = Exclude<ProviderChange, "unchanged"> | "adopted" | "restored";

/** What happens to a provider, in one line of words. */
export function describeChange(
  change: OwnProviderChange,
  provider: ExtensionProvider,
  before: unknown,
): string {
  switch (change) {
    case "added":
      return `${provider.name} added: ${describeProvider(provider)}`;
    case "restored":
      return `${provider.name} restored, somebody removed it: ${describeProvider(provider)}`;
    case "adopted":
    case "changed": {
      const differences = changedFields(before, provider);
      return `${provider.name} ${change}: ${differences.length > 0 ? differences.join(", ") : "same content"}`;
    }
  }
}

/**
 * The fields in which two plain values differ, each as `path: before -> after`.
 *
 * @param path - Path of the two values; empty at the top.
 */
export function changedFields(before: unknown, after: unknown, path = ""): string[] {
  if (isDeepStrictEqual(before, after)) {
    return [];
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      changedFields(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  }
  const shown = (value: unknown): string => (value === undefined ? "(none)" : JSON.stringify(value));
  return [`${path}: ${shown(before)} -> ${shown(after)}`];
}
