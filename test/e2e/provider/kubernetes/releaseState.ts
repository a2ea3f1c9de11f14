import { parseAllDocuments } from "yaml";
import {
  annotateSecrets,
  isObject,
  isSecret,
  makeSecret,
  plain,
  UNKNOWN,
  type Json,
  type JsonObject,
} from "../values";
import { apiVersionOf, gvkOf, objectId, without } from "./objects";
import { HelmFailure, type Helm } from "./releaseHelm";

const INPUTS = "__inputs";

/**
 * The state of a release: its fields as they are now, and beside them the inputs, all of them secret. What is secret
 * in the inputs is so in the fields.
 */
export function releaseState(inputs: JsonObject, fields: JsonObject): JsonObject {
  const state = structuredClone(fields);
  annotateSecrets(state, inputs);
  return { ...state, [INPUTS]: makeSecret(inputs) };
}

/** What a preview knows: the inputs. What Helm would report is unknown, at an upgrade as at an installation. */
export function previewedState(inputs: JsonObject): JsonObject {
  return { ...releaseState(inputs, plain(inputs)), resourceNames: UNKNOWN, status: UNKNOWN };
}

/** Splits a state into the inputs, with their secret marks, and the plain fields. No inputs: the release was read. */
export function parseReleaseState(state: JsonObject): {
  inputs: JsonObject | undefined;
  fields: JsonObject;
} {
  const stored = state[INPUTS];
  const inputs = isSecret(stored) && isObject(stored) ? stored.value : stored;
  return { inputs: isObject(inputs) ? inputs : undefined, fields: plain(without(state, [INPUTS])) };
}

/**
 * Asks Helm for a release.
 *
 * @param fields - Its fields as they were; values that somebody set elsewhere come on top of them.
 * @returns the fields as they are now; undefined when there is no such release
 */
export async function readRelease(
  fields: JsonObject,
  name: string,
  namespace: string,
  helm: Helm,
): Promise<JsonObject | undefined> {
  const release = await ask(helm, ["status", name], namespace);
  const metadata = await ask(helm, ["get", "metadata", name], namespace);
  if (release === undefined || metadata === undefined) {
    return undefined;
  }
  const { chart = "", version = "", appVersion = "", revision = 0, status = "" } = metadata;
  return {
    ...{ name, namespace, chart },
    ...fields,
    version,
    values: merged(fields.values ?? {}, release.config ?? {}),
    resourceNames: resourceNames(typeof release.manifest === "string" ? release.manifest : ""),
    status: { name, namespace, revision, status, chart, version, appVersion },
  };
}

/** The revision that a state or a live release has; 0 when it has none. */
export function revisionOf(fields: JsonObject): number {
  const revision = isObject(fields.status) ? fields.status.revision : undefined;
  return typeof revision === "number" ? revision : 0;
}

async function ask(
  helm: Helm,
  command: readonly string[],
  namespace: string,
): Promise<JsonObject | undefined> {
  try {
    const answer: unknown = JSON.parse(await helm.run([...command, `--namespace=${namespace}`, "-o=json"]));
    return isObject(answer) ? answer : undefined;
  } catch (error) {
    if (error instanceof HelmFailure && error.message.includes("release: not found")) {
      return undefined;
    }
    throw error;
  }
}

/** Names of the objects in a manifest by kind, group and version, sorted: `Deployment.apps/apps/v1: ["ns/name"]`. */
function resourceNames(manifest: string): JsonObject {
  const found = new Map<string, Set<string>>();
  for (const document of parseAllDocuments(manifest)) {
    const object: unknown = document.toJS();
    if (!isObject(object) || object.kind === undefined) {
      continue;
    }
    const gvk = gvkOf(object);
    const groupKind = gvk.group === "" ? gvk.kind : `${gvk.kind}.${gvk.group}`;
    const key = `${groupKind}/${apiVersionOf(gvk)}`;
    found.set(key, (found.get(key) ?? new Set()).add(objectId(object)));
  }
  return Object.fromEntries([...found].map(([key, names]) => [key, [...names].sort()]));
}

/** Objects are merged by key, anything else is taken from `over`. */
function merged(under: Json, over: Json): Json {
  if (!isObject(under) || !isObject(over)) {
    return over;
  }
  const keys = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const [low, high] = [under[key], over[key]];
      if (high === undefined) {
        return [key, low ?? null];
      }
      return [key, low === undefined ? high : merged(low, high)];
    }),
  );
}
