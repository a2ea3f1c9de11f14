import { isDeepStrictEqual } from "node:util";
import { changedFields } from "../../mesh/text/describe";
import type { ExtensionProvider } from "../../mesh/extensionProvider";
import { setProviders } from "../../mesh/text/setProviders";
import type { ProviderChange } from "../../mesh/text/setProviders";
import { readMeshText } from "../../mesh/text/meshText";
import type { ProviderEntry } from "../../mesh/text/meshText";
import { Refusal } from "../../offline/refusal";
import { ownersByProvider } from "./marks";
import type { MeshOutcome, MeshState } from "./meshState";

/** What `mesh add` puts into a mesh text. */
export interface MeshAddition {
  /** Entries with different names. */
  readonly providers: readonly ExtensionProvider[];
  /** Whether an entry of the same name that nobody owns is replaced. */
  readonly adopt: boolean;
}

/**
 * Puts providers into a mesh text. Every byte outside of them stays.
 * @throws Refusal when a different entry of the same name is there, unless nobody owns it and `adopt` is set.
 * @throws MeshTextError when the text cannot be edited.
 */
export function addToMesh(state: MeshState, { providers, adopt }: MeshAddition): MeshOutcome {
  const mesh = readMeshText(state.text);
  const owners = ownersByProvider(state.annotations);
  const entries = new Map(mesh.entries.map((entry) => [entry.name, entry]));
  for (const provider of providers) {
    const entry = entries.get(provider.name);
    if (entry !== undefined && !isDeepStrictEqual(entry.value, provider)) {
      refuseOther(state, entry, provider.name, owners.get(provider.name), adopt);
    }
  }
  const { text, changes } = setProviders(mesh, providers);
  const notes = providers.flatMap((provider) => {
    const change = changes.get(provider.name) ?? "unchanged";
    return notesOf(change, provider, entries.get(provider.name), owners.get(provider.name));
  });
  return { text, droppedAnnotations: [], removed: [], notes };
}

function refuseOther(
  { label }: MeshState,
  { line }: ProviderEntry,
  name: string,
  owner: string | undefined,
  adopt: boolean,
): void {
  const where = `${label}: provider ${name} (line ${line} of the mesh text)`;
  if (owner !== undefined) {
    throw new Refusal(
      `${where} belongs to component ${owner} and differs. Change it in that component's program, or choose ` +
        `another name; if the component is gone, run \`mesh remove --owner ${owner}\` first.`,
    );
  }
  if (!adopt) {
    throw new Refusal(
      `${where} is there already and differs. Use --adopt to replace it, or choose another name.`,
    );
  }
}

function notesOf(
  change: ProviderChange,
  provider: ExtensionProvider,
  entry: ProviderEntry | undefined,
  owner: string | undefined,
): string[] {
  const { name } = provider;
  if (change === "unchanged") {
    return [`${name} is there already, with the same content`];
  }
  if (change === "changed") {
    return [`${name} replaced: ${changedFields(entry?.value, provider).join(", ")}`];
  }
  const marked =
    owner === undefined
      ? []
      : [`${name} carries the mark of component ${owner}, whose next \`pulumi up\` writes its own entry`];
  return [`${name} added`, ...marked];
}
