import {
  earlyAnnotation,
  editedAnnotation,
  entryAnnotation,
  ownerAnnotation,
} from "../../kubernetes/ownership";
import type { Annotations } from "../../kubernetes/ownership";
import { removeProviders } from "../../mesh/text/removeProviders";
import { readMeshText } from "../../mesh/text/meshText";
import { Refusal } from "../../offline/refusal";
import { ownersByProvider } from "./marks";
import type { MeshOutcome, MeshState } from "./meshState";

/** What `mesh remove` takes out of a mesh text. */
export interface MeshRemoval {
  /** Names of entries. */
  readonly names: readonly string[];
  /** `<project>/<stack>/<component>`; all that its marks name is taken out. */
  readonly owner?: string;
  /** Whether entries that carry a component's mark are taken out by name. */
  readonly force: boolean;
}

/**
 * Takes providers out of a mesh text. What `addToMesh` added is restored byte for byte.
 * @param removal - What to take out. To name the owner says that it is gone; a name alone does not.
 * @throws Refusal when an entry that is named carries the mark of a component, unless `force` is set.
 * @throws MeshTextError when the text cannot be edited.
 */
export function removeFromMesh(state: MeshState, { names, owner, force }: MeshRemoval): MeshOutcome {
  const mesh = readMeshText(state.text);
  const owners = ownersByProvider(state.annotations);
  const owned = [...owners].filter(([, component]) => component === owner).map(([name]) => name);
  const wanted = [...new Set([...names, ...owned])];
  const present = new Set(mesh.entries.map((entry) => entry.name));
  for (const name of wanted) {
    const component = owners.get(name);
    if (component !== undefined && component !== owner && !force) {
      refuseOwned(state, name, component);
    }
  }
  const removed = wanted.filter((name) => present.has(name));
  const text = removeProviders(state.text, removed);
  const notes = wanted.map((name) => noteOf(name, present.has(name), owners.has(name)));
  if (owner !== undefined && owned.length === 0) {
    const known = [...new Set(owners.values())];
    notes.push(`nothing is marked as owned by ${owner}; ${listed("owners", known)}`);
  }
  if (names.some((name) => !present.has(name))) {
    notes.push(
      listed(
        "providers",
        [...present].filter((name) => name !== undefined),
      ),
    );
  }
  return { text, droppedAnnotations: staleAnnotations(state.annotations, owners, wanted), removed, notes };
}

function refuseOwned({ label }: MeshState, name: string, component: string): never {
  throw new Refusal(
    `${label}: provider ${name} belongs to component ${component}, which would put it back. Use that component's ` +
      `\`teardown: true\`; if the component is gone, run \`mesh remove --owner ${component}\`; --force removes it anyway.`,
  );
}

function noteOf(name: string, isPresent: boolean, isMarked: boolean): string {
  if (isPresent) {
    return `${name} removed`;
  }
  return isMarked ? `${name} is not in the text, only its mark is left` : `${name} is not there`;
}

function listed(what: string, values: readonly string[]): string {
  return values.length === 0 ? `there are no ${what}` : `${what} there: ${values.join(", ")}`;
}

/** The marks of the providers, and what a component that owns nothing afterwards wrote to see its own edits. */
function staleAnnotations(
  annotations: Annotations,
  owners: ReadonlyMap<string, string>,
  names: readonly string[],
): string[] {
  const gone = new Set(names);
  const staying = new Set([...owners].filter(([name]) => !gone.has(name)).map(([, component]) => component));
  const leaving = [...owners].filter(([name]) => gone.has(name)).map(([, component]) => component);
  const edited = leaving.filter((component) => !staying.has(component)).map(editedAnnotation);
  const marks = [ownerAnnotation, entryAnnotation, earlyAnnotation].flatMap((key) => names.map(key));
  return [...new Set([...marks, ...edited])].filter((key) => key in annotations);
}
