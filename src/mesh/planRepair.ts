import {
  markedProviders,
  ownedProviders,
  ownerAnnotation,
  ownerMark,
  ownershipOf,
  readMark,
} from "../kubernetes/ownership";
import type { Annotations } from "../kubernetes/ownership";
import { ownedEntries, undoneEntries } from "./ownedEntries";
import { Refusal } from "../pulumi/refusal";
import { MeshRefusal, planMeshEdit, refusingIn, restoredNote, textOf } from "./planMeshEdit";
import type { MeshConfigMap, MeshContribution } from "./planMeshEdit";
import { removeProviders } from "./text/removeProviders";
import { readMeshText } from "./text/meshText";
import { setProviders } from "./text/setProviders";

/** What a look after the write has to put right. */
export interface MeshRepair {
  /** The text to write. */
  text: string;
  /** One line for each entry. */
  notes: string[];
}

/**
 * Compares a mesh ConfigMap, after a component has written it, with what everybody wants of it. Two runs that read the
 * same text write one after the other, and the second one undoes the first: server-side apply has no precondition. The
 * definitions in the annotations are fields of their own, so what was undone can be told and put back.
 *
 * @param configMap - As it is after the write.
 * @param before - The annotations that the text was written from.
 * @returns undefined when nothing is missing
 * @throws MeshRefusal when the text cannot be edited.
 */
export function planRepair(
  configMap: MeshConfigMap,
  before: Annotations,
  { owner, providers, teardown }: MeshContribution,
): MeshRepair | undefined {
  const text = textOf(configMap);
  return refusingIn(configMap, () => {
    const { id, annotations } = configMap;
    const { entries } = readMeshText(text);
    const found = new Map(entries.map(({ name, value }) => [name, value]));
    const wanted = new Map(
      [...ownedEntries(annotations)].filter(([, one]) => !teardown || one.component !== owner.component),
    );
    for (const provider of teardown ? [] : providers) {
      if (ownershipOf(annotations, provider.name, owner) === "foreign") {
        throw new MeshRefusal(
          id,
          `provider ${provider.name} was written by ${readMark(annotations[ownerAnnotation(provider.name)] ?? "").component} at the same moment.`,
          "Rename this component or choose other names with `mesh.providerNames`.",
        );
      }
      wanted.set(provider.name, { component: owner.component, provider });
    }
    const undone = undoneEntries(wanted.values(), entries);
    // Its owner took it out, mark and all, after this component had read the text.
    const back = markedProviders(before).filter((name) => {
      const mark = ownerAnnotation(name);
      return mark in before && !(mark in annotations) && !wanted.has(name) && found.has(name);
    });
    const repaired = setProviders(
      removeProviders(text, back),
      undone.map(({ provider }) => provider),
    ).text;
    const notes = [
      ...undone.map((entry) => restoredNote(id, entry, found.get(entry.provider.name))),
      ...back.map((name) => `${id}: ${name} removed again, its owner had taken it out.`),
    ];
    return repaired === text ? undefined : { text: repaired, notes };
  });
}

/**
 * Puts back a change that somebody else made between the read of a component and its write, which undid it.
 *
 * @param configMap - As it is after the write.
 * @param foreign - Who wrote, and the text, when it is known.
 * @throws MeshRefusal when the text is not known, or cannot be edited.
 */
export function repairForeign(
  configMap: MeshConfigMap,
  before: Annotations,
  foreign: { text?: string; writers?: readonly string[] },
  contribution: MeshContribution,
): MeshRepair | undefined {
  const { id, annotations } = configMap;
  const who = [...new Set(foreign.writers ?? [])].join(", ");
  if (foreign.text === undefined) {
    throw new Refusal(
      `Mesh configuration in ConfigMap ${id}: ${who} wrote it between the read and the write of this run, which may ` +
        `have undone that change.\n    Make the change of ${who} again (\`helm upgrade\`, say), then run \`pulumi up\`. ` +
        "This run wrote no policy.\n    With `preflight.kubeconfig`, whose user may watch this ConfigMap, the run puts " +
        "such a change back by itself.",
    );
  }
  const { owner, teardown } = contribution;
  // A teardown has taken its marks away, and their text may still hold the entries.
  const gone = teardown ? ownedProviders(before, owner) : [];
  const marks = Object.fromEntries(gone.map((name) => [ownerAnnotation(name), ownerMark(owner)]));
  const { text } = planMeshEdit(
    { id, text: foreign.text, annotations: { ...annotations, ...marks } },
    contribution,
  );
  return text === configMap.text ? undefined : { text, notes: [`${id}: the change of ${who} put back.`] };
}
