import { isRecord } from "../../pulumi/inputs";
import { listAt } from "../../kubernetes/liveObject";
import { readLenient } from "../../mesh/text/lenientText";
import { MeshTextError, readMeshText } from "../../mesh/text/meshText";
import { ownersByProvider } from "./marks";
import type { MeshState } from "./meshState";

/** An entry of `extensionProviders`; what it does not have is null. */
export interface ListedProvider {
  readonly name: string | null;
  /** Name of its field, for example `envoyExtAuthzGrpc`. */
  readonly kind: string | null;
  readonly service: string | null;
  readonly port: number | null;
  /** `<project>/<stack>/<component>`. */
  readonly owner: string | null;
  /** From 1; null when the text cannot be read with certainty. */
  readonly line: number | null;
}

/** What `mesh show` prints. */
export interface MeshReport {
  readonly source: string;
  readonly providers: readonly ListedProvider[];
  /** Why the text cannot be edited, with the line. */
  readonly invalid: string | null;
  /** What deserves attention, a sentence each. */
  readonly notes: readonly string[];
}

/** Lists the providers of a mesh text and what is odd about them. Never throws for a text that is invalid. */
export function inspectMesh({ label, text, annotations }: MeshState): MeshReport {
  const { entries, invalid } = readEntries(text);
  const owners = ownersByProvider(annotations);
  const providers = entries.map(({ value, line }) => listed(value, line, owners));
  return { source: label, providers, invalid, notes: notesOn(providers, owners, invalid) };
}

interface Entry {
  readonly value: unknown;
  readonly line: number | null;
}

function readEntries(text: string): { entries: Entry[]; invalid: string | null } {
  try {
    return { entries: readMeshText(text).entries, invalid: null };
  } catch (error) {
    if (!(error instanceof MeshTextError)) {
      throw error;
    }
    return { entries: looseEntries(text), invalid: error.message };
  }
}

/** The entries of a text that cannot be edited, as far as it is YAML at all. */
function looseEntries(text: string): Entry[] {
  return listAt(readLenient(text), "extensionProviders").map((value) => ({ value, line: null }));
}

function listed(value: unknown, line: number | null, owners: ReadonlyMap<string, string>): ListedProvider {
  const entry = isRecord(value) ? value : {};
  const name = typeof entry.name === "string" ? entry.name : null;
  const kind = Object.keys(entry).find((key) => key !== "name") ?? null;
  const body = kind === null ? undefined : entry[kind];
  const { service, port } = isRecord(body) ? body : {};
  return {
    name,
    kind,
    service: typeof service === "string" ? service : null,
    port: typeof port === "number" ? port : null,
    owner: name === null ? null : (owners.get(name) ?? null),
    line,
  };
}

function notesOn(
  providers: readonly ListedProvider[],
  owners: ReadonlyMap<string, string>,
  invalid: string | null,
): string[] {
  const names = providers.map(({ name }) => name);
  const lost = [...owners].filter(([name]) => !names.includes(name));
  const twice = [...new Set(names.filter((name, index) => name !== null && names.indexOf(name) < index))];
  return [
    ...twice.map((name) => `${name} is listed ${countOf(names, name)} times; Istio uses the last one only`),
    ...providers.flatMap(({ name, line }) =>
      name === null ? [`the entry${line === null ? "" : ` on line ${line}`} has no name`] : [],
    ),
    // Of a text that cannot be read nothing is known to be missing.
    ...(invalid === null ? lost : []).map(
      ([name, owner]) =>
        `${name} is marked as owned by ${owner} but is not there: policies that use it deny what they match; ` +
        `that component's next \`pulumi up\` restores it`,
    ),
  ];
}

function countOf(names: readonly (string | null)[], wanted: string | null): number {
  return names.filter((name) => name === wanted).length;
}
