import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../pulumi/inputs";
import { at, listAt, textAt } from "../../kubernetes/liveObject";
import { goDurationNanoseconds } from "../../kubernetes/syntax";
import { changedFields } from "./describe";
import type { ExtensionProvider } from "../extensionProvider";
import { readLenient } from "./lenientText";

/** What the live mesh configuration lacks of the providers that somebody else is to put there. */
export interface MeshComparison {
  /** What makes Istio refuse requests: the run stops because of these. */
  refusals: string[];
  /** What else differs. */
  warnings: string[];
}

const denied =
  "with the policies in place Istio answers 403 to every request that they match, also with `failOpen`";
const notLogged = "the agent sees no responses, and Istio says so in no log that people read";

/**
 * Compares a live mesh text with the providers that are meant to be in it.
 *
 * @param text - The key `mesh`; undefined when the ConfigMap has none.
 */
export function compareProviders(
  text: string | undefined,
  providers: readonly ExtensionProvider[],
): MeshComparison {
  const found = text === undefined ? new Map<string, unknown>() : namedProviders(text);
  const comparison: MeshComparison = { refusals: [], warnings: [] };
  if (found === undefined) {
    comparison.refusals.push(
      "its text is not valid YAML: istiod keeps the last good state until it restarts and falls back to its defaults " +
        `then; ${denied}`,
    );
    return comparison;
  }
  for (const provider of providers) {
    const isAuthorizer = provider.envoyExtAuthzGrpc !== undefined;
    const entry = withTimeoutAsMeant(found.get(provider.name), provider);
    const problem = unusable(entry, provider);
    if (problem !== undefined) {
      const message = `provider ${provider.name} ${problem}: ${isAuthorizer ? denied : notLogged}`;
      (isAuthorizer ? comparison.refusals : comparison.warnings).push(message);
    } else if (!isDeepStrictEqual(entry, provider)) {
      comparison.warnings.push(difference(provider, entry));
    }
  }
  return comparison;
}

/**
 * Which of the providers a live mesh text still has.
 *
 * @param text - The key `mesh`.
 * @returns their names.
 */
export function presentProviders(
  text: string | undefined,
  providers: readonly ExtensionProvider[],
): string[] {
  const found = namedProviders(text ?? "");
  return providers.map(({ name }) => name).filter((name) => found?.has(name));
}

/** Istio uses the last entry of a name. Undefined when the text cannot be read. */
function namedProviders(text: string): Map<string, unknown> | undefined {
  const config = readLenient(text);
  return config === undefined
    ? undefined
    : new Map(
        listAt(config, "extensionProviders").map((entry) => [textAt(entry, "name") ?? "", entry] as const),
      );
}

/** An entry with its timeout written as ours when both last equally long, such as `0.2s` and `200ms`. */
function withTimeoutAsMeant(entry: unknown, { envoyExtAuthzGrpc: meant }: ExtensionProvider): unknown {
  const found = at(entry, "envoyExtAuthzGrpc");
  const timeout = textAt(found, "timeout");
  const isEqual =
    meant !== undefined &&
    timeout !== undefined &&
    goDurationNanoseconds(timeout) === goDurationNanoseconds(meant.timeout);
  return isEqual && isRecord(entry) && isRecord(found)
    ? { ...entry, envoyExtAuthzGrpc: { ...found, timeout: meant.timeout } }
    : entry;
}

/** Why Istio cannot use an entry in the place of a provider; undefined when it can. */
function unusable(entry: unknown, provider: ExtensionProvider): string | undefined {
  if (entry === undefined) {
    return "is missing";
  }
  const kind = provider.envoyExtAuthzGrpc === undefined ? "envoyHttpAls" : "envoyExtAuthzGrpc";
  return textAt(entry, kind, "service") === undefined ? `is no ${kind} with a service` : undefined;
}

function difference(provider: ExtensionProvider, entry: unknown): string {
  const { name, envoyExtAuthzGrpc: meant } = provider;
  const elsewhere =
    meant !== undefined && textAt(entry, "envoyExtAuthzGrpc", "service") !== meant.service
      ? ` Requests are checked elsewhere; if Istio does not know that service, ${denied}.`
      : "";
  return (
    `provider ${name} differs from the one that is meant (live -> meant), and the live one counts: ` +
    `${changedFields(entry, provider).join(", ")}.${elsewhere}`
  );
}
