import { annotateSecrets, isObject, plain, type JsonObject } from "../values";
import { hasReason } from "./apiClient";
import { requireReady } from "./await/awaiter";
import { NotReady } from "./await/waiting";
import { checkpoint, initialApiVersion, parseCheckpoint } from "./checkpoint";
import { fieldManagerName } from "./fieldManager";
import { isBuiltIn, normalizeInputs } from "./normalize";
import {
  ANNOTATION,
  apiVersionOf,
  gvkOfUrn,
  nameOf,
  namespaceOf,
  parseObjectId,
  setMetadata,
  stringAt,
  without,
} from "./objects";
import { prune } from "./prune";
import { NoMatchError, type ResourceClients } from "./resourceClient";

/** What the engine sends to have an object read; values carry their secret marks. */
export interface ReadRequest {
  readonly urn: string;
  readonly id: string;
  /** The state of the last run; empty for `.get` and for an import. */
  readonly state: JsonObject;
  /** The inputs of the last run; empty for `.get` and for an import. */
  readonly inputs: JsonObject;
}

/** State and inputs of a live object, with the problem that keeps it from being ready, if any. */
export interface ReadResult {
  readonly state: JsonObject;
  readonly inputs: JsonObject;
  readonly notReady?: NotReady | undefined;
}

/**
 * Reads an object for `.get`, an import or a refresh; undefined when it does not exist.
 * A refresh also looks whether the object is ready.
 */
export async function readObject(
  request: ReadRequest,
  clients: ResourceClients,
): Promise<ReadResult | undefined> {
  const { oldInputs, fromCluster } = identify(request);
  const fieldManager = fieldManagerName(plain(request.state), oldInputs);
  const { name } = parseObjectId(request.id);
  let live: JsonObject;
  let notReady: NotReady | undefined;
  try {
    const client = await clients.forObject(oldInputs);
    live = await client.get(name);
    if (!fromCluster) {
      notReady = await problemOf(live, oldInputs, clients);
    }
    live = notReady?.object ?? live;
  } catch (error) {
    if (error instanceof NoMatchError || hasReason(error, "NotFound")) {
      return undefined;
    }
    throw error;
  }
  const inputs = fromCluster ? importedInputs(live, oldInputs) : prune(live, oldInputs);
  const state = checkpoint(inputs, live, request.inputs, {
    initialApiVersion: initialApiVersion(plain(request.state), oldInputs),
    fieldManager,
  });
  annotateSecrets(inputs, request.inputs);
  return { state, inputs, notReady };
}

async function problemOf(
  written: JsonObject,
  inputs: JsonObject,
  clients: ResourceClients,
): Promise<NotReady | undefined> {
  try {
    await requireReady({ clients, inputs, written, timeoutSeconds: 0, aborted: () => false });
    return undefined;
  } catch (error) {
    if (error instanceof NotReady) {
      return error;
    }
    throw error;
  }
}

/** The old inputs, completed from the id and the type token where the engine has none. */
function identify(request: ReadRequest): { oldInputs: JsonObject; fromCluster: boolean } {
  const oldInputs = normalizeInputs(plain(request.inputs));
  if (stringAt(oldInputs, "kind") !== "") {
    return { oldInputs, fromCluster: false };
  }
  const { oldLive } = parseCheckpoint(request.state);
  const known = stringAt(oldLive, "kind") !== "";
  const gvk = gvkOfUrn(request.urn);
  oldInputs.apiVersion = known ? stringAt(oldLive, "apiVersion") : apiVersionOf(gvk);
  oldInputs.kind = known ? stringAt(oldLive, "kind") : gvk.kind;
  const { namespace, name } = parseObjectId(request.id);
  if (nameOf(oldInputs) === "") {
    setMetadata(oldInputs, "name", name);
  }
  if (namespaceOf(oldInputs) === "") {
    setMetadata(oldInputs, "namespace", namespace);
  }
  return { oldInputs, fromCluster: !known };
}

/** For a kind of Kubernetes itself, everything but the status is input; of other kinds only the identity is known. */
function importedInputs(live: JsonObject, identity: JsonObject): JsonObject {
  const known = isBuiltIn(stringAt(live, "apiVersion")) ? without(live, ["status"]) : prune(live, identity);
  const inputs = structuredClone(known);
  if (!isObject(inputs.metadata)) {
    return inputs;
  }
  inputs.metadata = without(inputs.metadata, SERVER_METADATA);
  const { annotations } = inputs.metadata;
  if (isObject(annotations)) {
    inputs.metadata.annotations = without(annotations, [ANNOTATION.revision, ANNOTATION.lastApplied]);
  }
  return inputs;
}

const SERVER_METADATA = [
  "creationTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
] as const;
