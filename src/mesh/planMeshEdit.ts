import { isDeepStrictEqual } from "node:util";
import { Refusal } from "../pulumi/refusal";
import type { ExtensionProvider } from "./extensionProvider";
import { ownedProviders, ownerAnnotation, ownerMark, ownershipOf, readMark } from "../kubernetes/ownership";
import type { Annotations, MeshOwner } from "../kubernetes/ownership";
import { describeChange } from "./text/describe";
import type { OwnProviderChange } from "./text/describe";
import { removeProviders } from "./text/removeProviders";
import { setProviders } from "./text/setProviders";
import type { ProviderChange } from "./text/setProviders";
import { MeshTextError, readMeshText } from "./text/meshText";
import type { MeshText } from "./text/meshText";

/** A mesh ConfigMap as it was read. */
export interface MeshConfigMap {
  /** `<namespace>/<name>`. */
  id: string;
  /** The key `mesh`; undefined when the ConfigMap has no such key. */
  text: string | undefined;
  /** Its annotations. */
  annotations: Annotations;
}

/** What one component wants of the mesh configuration. */
export interface MeshContribution {
  /** The component. */
  owner: MeshOwner;
  /** Its providers. */
  providers: readonly ExtensionProvider[];
  /** Whether it takes over entries that nobody owns. */
  adopt: boolean;
  /** Whether it takes its entries out instead. */
  teardown: boolean;
}

/** The edit of one mesh ConfigMap, decided. */
export interface MeshPlan {
  /** The text to write. */
  text: string;
  /** Whether the text to write is the text that was read. */
  unchanged: boolean;
  /** Names of the providers that carry our mark afterwards. */
  marked: string[];
  /** One line for each provider: what is added, changed, adopted, removed or left. */
  notes: string[];
}

/** A refusal to edit: which ConfigMap, where, why and the way out. */
export class MeshRefusal extends Refusal {
  /** @param configMap - `<namespace>/<name>`. */
  constructor(configMap: string, reason: string, remedy: string) {
    super(`Mesh configuration in ConfigMap ${configMap}: ${reason}\n    ${remedy}\n    Nothing was written.`);
    this.name = "MeshRefusal";
  }
}

/**
 * Decides the edit of one mesh ConfigMap.
 *
 * @param earlier - What components wanted that edit the same ConfigMap before this one in the same program; the
 * read may not show their edits yet.
 * @param later - Providers that components after this one will add. Writing them now does no harm, as no policy
 * refers to them yet, and the next preview finds the text as this component wrote it.
 * @throws MeshRefusal when the text cannot be edited or an entry belongs to somebody else.
 */
export function planMeshEdit(
  configMap: MeshConfigMap,
  contribution: MeshContribution,
  earlier: readonly MeshContribution[] = [],
  later: readonly ExtensionProvider[] = [],
): MeshPlan {
  const { text } = configMap;
  if (text === undefined) {
    throw new MeshRefusal(
      configMap.id,
      "it has no key `mesh`, so istiod runs on built-in defaults.",
      "Check that this is the ConfigMap of your Istio installation, and restore the key first.",
    );
  }
  try {
    const start = { mesh: readMeshText(text), annotations: configMap.annotations };
    const before = earlier.reduce((state, one) => applyContribution(configMap.id, state, one), start);
    const planned = applyContribution(configMap.id, before, contribution);
    const present = new Set(planned.mesh.entries.map((entry) => entry.name));
    const added = later.filter((provider) => !present.has(provider.name));
    const final = added.length === 0 ? planned.mesh : setProviders(planned.mesh, added).mesh;
    return {
      text: final.text,
      unchanged: final.text === text,
      marked: planned.marked,
      notes: planned.notes,
    };
  } catch (error) {
    if (error instanceof MeshTextError) {
      const where = error.line === undefined ? "" : ` (line ${error.line} of the text)`;
      throw new MeshRefusal(configMap.id, `${error.reason}${where}.`, error.remedy);
    }
    throw error;
  }
}

interface MeshState {
  mesh: MeshText;
  annotations: Annotations;
}

type Applied = MeshState & Pick<MeshPlan, "marked" | "notes">;

function applyContribution(id: string, state: MeshState, contribution: MeshContribution): Applied {
  return contribution.teardown ? takeOut(id, state, contribution) : putIn(id, state, contribution);
}

function putIn(id: string, state: MeshState, contribution: MeshContribution): Applied {
  const { owner, providers } = contribution;
  const existing = new Map(state.mesh.entries.map((entry) => [entry.name, entry]));
  for (const provider of providers) {
    const { name } = provider;
    const entry = existing.get(name);
    // An unmarked entry that says exactly what we would write was written by us or for us.
    const same = isDeepStrictEqual(entry?.value, provider);
    if (
      entry !== undefined &&
      !(same && ownershipOf(state.annotations, provider.name, owner) === "unowned")
    ) {
      refuseForeign(id, state.annotations, name, entry.line, contribution);
    }
  }
  const { mesh, changes } = setProviders(state.mesh, providers);
  const notes = providers.map((provider) => {
    const ours = ownershipOf(state.annotations, provider.name, owner) === "ours";
    const change = ownChange(changes.get(provider.name) ?? "unchanged", ours, existing.has(provider.name));
    return `${id}: ${describeChange(change, provider, existing.get(provider.name)?.value)}`;
  });
  const names = new Set(providers.map((provider) => provider.name));
  const left = ownedProviders(state.annotations, owner).filter(
    (name) => !names.has(name) && existing.has(name),
  );
  notes.push(
    ...left.map(
      (name) =>
        `${id}: ${name} stays, although this component no longer uses it: a policy may still refer to it. ` +
        "`teardown: true` removes it.",
    ),
  );
  const marked = [...names, ...left];
  return { mesh, marked, notes, annotations: marksAdded(state.annotations, owner, marked) };
}

/** Our mark without our entry is an edit that somebody undid, as a chart upgrade does. */
function ownChange(change: ProviderChange, ours: boolean, present: boolean): OwnProviderChange {
  if (present) {
    return ours ? change : "adopted";
  }
  return ours ? "restored" : change;
}

function takeOut(id: string, state: MeshState, { owner }: MeshContribution): Applied {
  const present = new Set(state.mesh.entries.map((entry) => entry.name));
  const owned = ownedProviders(state.annotations, owner).filter((name) => present.has(name));
  const mesh = owned.length === 0 ? state.mesh : readMeshText(removeProviders(state.mesh.text, owned));
  const notes =
    owned.length > 0
      ? owned.map((name) => `${id}: ${name} removed. \`pulumi destroy\` may follow.`)
      : [`${id}: nothing of this component is left. \`pulumi destroy\` may follow.`];
  return { mesh, marked: [], notes, annotations: state.annotations };
}

function marksAdded(annotations: Annotations, owner: MeshOwner, names: readonly string[]): Annotations {
  const mark = ownerMark(owner);
  return { ...annotations, ...Object.fromEntries(names.map((name) => [ownerAnnotation(name), mark])) };
}

function refuseForeign(
  id: string,
  annotations: Annotations,
  name: string,
  line: number,
  { owner, adopt }: MeshContribution,
): void {
  const ownership = ownershipOf(annotations, name, owner);
  if (ownership === "ours" || (adopt && ownership !== "foreign")) {
    return;
  }
  const rename = "choose other names with `mesh.providerNames`";
  if (ownership === "foreign") {
    const mark = annotations[ownerAnnotation(name)] ?? "";
    throw new MeshRefusal(
      id,
      `provider ${name} (line ${line} of the text) belongs to ${readMark(mark).component}.`,
      `Rename this component or ${rename}. If that component is gone, remove the annotation ${ownerAnnotation(name)} and set \`mesh.adopt: true\`.`,
    );
  }
  const why = ownership === "lost" ? "carries the mark of an earlier component of this name" : "is not ours";
  throw new MeshRefusal(
    id,
    `provider ${name} (line ${line} of the text) ${why}.`,
    `Set \`mesh.adopt: true\` to take it over, or ${rename}.`,
  );
}
