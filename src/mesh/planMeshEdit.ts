import { isDeepStrictEqual } from "node:util";
import { Refusal } from "../pulumi/refusal";
import type { ExtensionProvider } from "./extensionProvider";
import { entryText, ownedEntries, undoneEntries } from "./ownedEntries";
import type { OwnedEntry } from "./ownedEntries";
import {
  earlyAnnotation,
  entryAnnotation,
  ownedProviders,
  ownerAnnotation,
  ownerMark,
  ownershipOf,
  readMark,
  withoutMarks,
} from "../kubernetes/ownership";
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

/** What a component wants that is constructed after another one of its program. */
export interface LaterContribution {
  /** `<project>/<stack>/<component>`. */
  component: string;
  /** Its providers; none in a teardown. */
  providers: readonly ExtensionProvider[];
}

/** The edit of one mesh ConfigMap, decided. */
export interface MeshPlan {
  /** The text to write. */
  text: string;
  /** Whether the text to write is the text that was read. */
  unchanged: boolean;
  /** Names of the providers that carry our mark afterwards. */
  marked: string[];
  /** The annotations that go with the text, but for the mark of the owner: definitions, and what is written early. */
  annotations: Record<string, string>;
  /** One line for each provider that is added, changed, adopted or removed, or stays though it is no longer used. */
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
 * @param later - What components after this one will add. Writing it now does no harm, as no policy refers to it yet,
 * and the next preview finds the text as this component wrote it.
 * @throws MeshRefusal when the text cannot be edited or an entry belongs to somebody else.
 */
export function planMeshEdit(
  configMap: MeshConfigMap,
  contribution: MeshContribution,
  earlier: readonly MeshContribution[] = [],
  later: readonly LaterContribution[] = [],
): MeshPlan {
  const text = textOf(configMap);
  return refusingIn(configMap, () => {
    const start = { mesh: readMeshText(text), annotations: configMap.annotations };
    const before = earlier.reduce((state, one) => applyContribution(configMap.id, state, one), start);
    const planned = applyContribution(configMap.id, before, contribution);
    const present = new Map(planned.mesh.entries.map(({ name, value }) => [name, value]));
    const added = later.flatMap(({ component, providers }) =>
      providers.filter(({ name }) => {
        const ownership = ownershipOf(planned.annotations, name, { component, id: undefined });
        return !present.has(name) && ownership !== "foreign";
      }),
    );
    const early = new Set(added.map(({ name }) => name));
    const owned = [...ownedEntries(planned.annotations).values()];
    const undone = undoneEntries(owned, planned.mesh.entries).filter(
      ({ provider }) => !early.has(provider.name),
    );
    const { mesh } = setProviders(planned.mesh, [...added, ...undone.map(({ provider }) => provider)]);
    return {
      text: mesh.text,
      unchanged: mesh.text === text,
      marked: planned.marked,
      annotations: {
        ...definitionsOf(planned, contribution),
        ...earlyAnnotations(configMap.annotations, later),
      },
      notes: [
        ...planned.notes,
        ...undone.map((entry) => restoredNote(configMap.id, entry, present.get(entry.provider.name))),
      ],
    };
  });
}

/** The plan without what says for whom entries were written early. */
export function withoutEarlyMarks(plan: MeshPlan): MeshPlan {
  const isEarly = ([key]: [string, string]): boolean => key.startsWith(earlyAnnotation(""));
  const kept = Object.entries(plan.annotations).filter((annotation) => !isEarly(annotation));
  return { ...plan, annotations: Object.fromEntries(kept) };
}

/** The text of a mesh ConfigMap. @throws MeshRefusal when it has none. */
export function textOf({ id, text }: MeshConfigMap): string {
  if (text === undefined) {
    throw new MeshRefusal(
      id,
      "it has no key `mesh`, so istiod runs on built-in defaults.",
      "Check that this is the ConfigMap of your Istio installation, and restore the key first.",
    );
  }
  return text;
}

/** Does something with the text of a mesh ConfigMap; what cannot be edited is refused in its name. */
export function refusingIn<T>({ id }: MeshConfigMap, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MeshTextError) {
      const where = error.line === undefined ? "" : ` (line ${error.line} of the text)`;
      throw new MeshRefusal(id, `${error.reason}${where}.`, error.remedy);
    }
    throw error;
  }
}

/** What is said of an entry that is written as its owner wants it. */
export function restoredNote(id: string, { component, provider }: OwnedEntry, found: unknown): string {
  const change = describeChange(found === undefined ? "restored" : "changed", provider, found);
  return `${id}: ${change}. It belongs to ${component}.`;
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
  const notes = providers.flatMap((provider) => {
    const ours = ownershipOf(state.annotations, provider.name, owner) === "ours";
    const change = ownChange(changes.get(provider.name) ?? "unchanged", ours, existing.has(provider.name));
    return change === "unchanged"
      ? []
      : [`${id}: ${describeChange(change, provider, existing.get(provider.name)?.value)}`];
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
  return { mesh, marked, notes, annotations: marksAdded(state.annotations, contribution, marked) };
}

/** Our mark without our entry is an edit that somebody undid, as a chart upgrade does. */
function ownChange(change: ProviderChange, ours: boolean, present: boolean): OwnProviderChange | "unchanged" {
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
  const annotations = withoutMarks(state.annotations, ownedProviders(state.annotations, owner));
  return { mesh, marked: [], notes, annotations };
}

function marksAdded(
  annotations: Annotations,
  { owner, providers }: MeshContribution,
  marked: readonly string[],
): Annotations {
  const dropped = ownedProviders(annotations, owner).filter((name) => !marked.includes(name));
  return {
    ...withoutMarks(annotations, dropped),
    ...Object.fromEntries(marked.map((name) => [ownerAnnotation(name), ownerMark(owner)])),
    ...Object.fromEntries(providers.map((one) => [entryAnnotation(one.name), entryText(one)])),
  };
}

/** The definitions that a component keeps: its own, and what it kept of entries that it no longer uses. */
function definitionsOf({ annotations, marked }: Applied, { teardown }: MeshContribution): Annotations {
  const keys = teardown ? [] : marked.map(entryAnnotation);
  return Object.fromEntries(
    keys.flatMap((key): [string, string][] => {
      const value = annotations[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/**
 * Says for whom entries were written early: a component that fails before it writes, and wants something else by its
 * next run, still finds them as its own. They stay as long as the component is in the program.
 */
function earlyAnnotations(found: Annotations, later: readonly LaterContribution[]): Annotations {
  const components = new Set(later.map(({ component }) => component));
  // A component that is torn down finds what carries its mark without this.
  const leaving = new Set(
    later.flatMap(({ component, providers }) => (providers.length === 0 ? [component] : [])),
  );
  const prefix = earlyAnnotation("");
  const kept = Object.entries(found).filter(
    ([key, value]) =>
      key.startsWith(prefix) &&
      components.has(value) &&
      !(leaving.has(value) && ownerAnnotation(key.slice(prefix.length)) in found),
  );
  const written = later.flatMap(({ component, providers }) =>
    providers.map(({ name }): [string, string] => [earlyAnnotation(name), component]),
  );
  return Object.fromEntries([...kept, ...written]);
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
