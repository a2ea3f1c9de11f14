import { parse } from "yaml";
import { isRecord } from "../../pulumi/inputs";
import type { ExtensionProvider } from "../../mesh/extensionProvider";
import { Refusal } from "../../offline/refusal";
import { fileLabel, readText } from "../../offline/yamlFile";

const kinds = ["envoyExtAuthzGrpc", "envoyHttpAls"] as const;

/**
 * Reads providers from a YAML or JSON file: a list, as the component's output `extensionProviders` holds it, or a
 * mapping with that key.
 * @param path - The file; `-` is standard input.
 * @throws Refusal when it cannot be read, or an entry is not one of the two kinds that the component writes
 */
export function readProviders(path: string): ExtensionProvider[] {
  const label = fileLabel(path);
  const value = parseFile(readText(path), label);
  const list: unknown = isRecord(value) ? value.extensionProviders : value;
  if (!Array.isArray(list) || list.length === 0) {
    throw new Refusal(
      `${label} holds no list of providers. Write it with \`pulumi stack output extensionProviders --json\`.`,
    );
  }
  const providers = list.map((entry: unknown, index) => provider(entry, `${label}, entry ${index + 1}`));
  const names = providers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new Refusal(`${label} holds ${twice} twice; Istio would use the last one only.`);
  }
  return providers;
}

function parseFile(text: string, label: string): unknown {
  try {
    return parse(text, { prettyErrors: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${label}: not valid YAML: ${reason}`);
  }
}

function provider(entry: unknown, where: string): ExtensionProvider {
  if (!isRecord(entry) || typeof entry.name !== "string" || entry.name === "") {
    throw new Refusal(`${where} has no name.`);
  }
  const { name } = entry;
  const [kind, ...more] = kinds.filter((one) => one in entry);
  const body = kind === undefined ? undefined : entry[kind];
  if (more.length > 0 || !isRecord(body)) {
    throw new Refusal(`${where} (${name}) needs exactly one of ${kinds.join(" and ")}.`);
  }
  if (typeof body.service !== "string" || typeof body.port !== "number") {
    throw new Refusal(`${where} (${name}) needs a service and a port.`);
  }
  // Its kind, name, service and port are as declared; istiod checks the other fields, which are only passed on.
  return entry as unknown as ExtensionProvider;
}
