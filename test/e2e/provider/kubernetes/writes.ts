import { isObject, type Json, type JsonObject } from "../values";
import { hasReason, StatusError } from "./apiClient";
import { awaitReady } from "./await/awaiter";
import { sleep } from "./await/waiting";
import { propagationPolicy, waitUntilGone } from "./await/deletion";
import { adoptionPatch, CREATE_MANAGER, forcesConflicts, ownsField } from "./fieldManager";
import { parsePath } from "./inputDiff";
import { at, gvkOf, isPatchResource, nameOf, namespaceOf, without } from "./objects";
import { NoMatchError, type ResourceClient, type ResourceClients } from "./resourceClient";
import type { Settings } from "./settings";

const RETRIES = 5;
const FIRST_PAUSE_MS = 1000;

/** What every write needs to know. */
export interface WriteContext {
  readonly urn: string;
  readonly clients: ResourceClients;
  readonly settings: Settings;
  readonly fieldManager: string;
  /** `customTimeouts` in seconds, 0 when not set. */
  readonly timeoutSeconds: number;
  readonly preview: boolean;
  readonly aborted: () => boolean;
  readonly status: (message: string) => void;
}

/** Thrown in a preview when the namespace of an object does not exist yet. */
export class NamespaceMissing extends Error {}

/**
 * Creates an object: a Patch by server-side apply, which also creates what is not there; anything else by a create
 * that refuses to touch an existing object. A missing namespace or kind is tried again for half a minute.
 * @returns the live object, or in a preview what the API server would have made of it
 */
export async function createObject(inputs: JsonObject, context: WriteContext): Promise<JsonObject> {
  const written = await retryWhileMissing(context, async () => {
    const client = await context.clients.forObject(inputs);
    const upsert = context.settings.upsertExistingObjects || isPatchResource(context.urn, gvkOf(inputs).kind);
    if (!upsert || !context.settings.serverSideApply) {
      return client.create(inputs, CREATE_MANAGER, context.preview);
    }
    return apply(client, nameOf(inputs), inputs, undefined, context);
  });
  if (context.preview) {
    return written;
  }
  await awaitReady({ ...context, inputs, written });
  return liveOr(written, context);
}

/**
 * Updates an object: reads it, takes over the fields of earlier client-side writers (never for a Patch), and applies
 * the inputs. A CustomResourceDefinition is replaced as a whole.
 */
export async function updateObject(
  inputs: JsonObject,
  oldLive: JsonObject,
  ignoreChanges: readonly string[],
  context: WriteContext,
): Promise<JsonObject> {
  if (!context.settings.serverSideApply) {
    throw new Error("the stand-in for the Kubernetes provider only updates by server-side apply");
  }
  const client = await context.clients.forObject(inputs);
  const name = nameOf(oldLive);
  let live = await client.get(name);
  let written: JsonObject;
  if (gvkOf(inputs).kind === "CustomResourceDefinition") {
    const resourceVersion = at(live, "metadata", "resourceVersion") ?? "";
    const metadata = isObject(inputs.metadata) ? inputs.metadata : {};
    const body = { ...inputs, metadata: { ...metadata, resourceVersion } };
    written = await client.replace(name, body, context.fieldManager, context.preview);
  } else {
    const adopts = !context.preview && !isPatchResource(context.urn, gvkOf(inputs).kind);
    const operations = adopts ? adoptionPatch(live, context.fieldManager) : [];
    if (operations.length > 0) {
      live = await client.jsonPatch(name, operations);
    }
    written = await apply(client, name, withIgnored(inputs, live, ignoreChanges, context), live, context);
  }
  if (context.preview) {
    return written;
  }
  await awaitReady({ ...context, inputs, written });
  return liveOr(written, context);
}

/**
 * Deletes an object and waits until it is gone; one that is gone already is a success. A Patch only gives up its
 * fields: those that nobody else owns disappear, and an object that is missing comes back empty or fails.
 */
export async function deleteObject(
  inputs: JsonObject,
  live: JsonObject,
  name: string,
  context: WriteContext,
): Promise<void> {
  const client = await context.clients.forObject(live);
  if (context.settings.serverSideApply && isPatchResource(context.urn, gvkOf(live).kind)) {
    await relinquish(client, live, context.fieldManager);
    return;
  }
  try {
    await client.delete(name, propagationPolicy(inputs));
  } catch (error) {
    if (hasReason(error, "NotFound")) {
      return;
    }
    if (!hasReason(error, "Forbidden") || !context.settings.serverSideApply) {
      throw error;
    }
    await relinquish(client, live, context.fieldManager);
    return;
  }
  const identity = { ...inputs, apiVersion: live.apiVersion ?? "", kind: live.kind ?? "" };
  await waitUntilGone(client, name, identity, context.timeoutSeconds, context.aborted);
}

/** Gives up all fields of a manager by applying an object that states nothing but its identity. */
export async function relinquish(
  client: ResourceClient,
  live: JsonObject,
  fieldManager: string,
): Promise<void> {
  const namespace = namespaceOf(live);
  const metadata = { name: nameOf(live), ...(namespace === "" ? {} : { namespace }) };
  const body = { apiVersion: live.apiVersion ?? "", kind: live.kind ?? "", metadata };
  await client.apply(nameOf(live), body, { fieldManager, force: false, dryRun: false });
}

async function apply(
  client: ResourceClient,
  name: string,
  inputs: JsonObject,
  live: JsonObject | undefined,
  context: WriteContext,
): Promise<JsonObject> {
  const force = forcesConflicts(inputs, live, context.preview, context.settings.forceConflicts);
  try {
    const { fieldManager, preview: dryRun } = context;
    return await client.apply(name, inputs, { fieldManager, force, dryRun });
  } catch (error) {
    throw hasReason(error, "Conflict") ? conflict(error, context.fieldManager) : error;
  }
}

const CONFLICT_HELP =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/" +
  "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

function conflict(error: StatusError, manager: string): StatusError {
  const message =
    `Server-Side Apply field conflict detected. See ${CONFLICT_HELP} for troubleshooting help.\n` +
    `The resource managed by field manager "${manager}" had an apply conflict: ${error.message}`;
  return new StatusError(error.code, error.reason, message, error.details);
}

/** Fields under `ignoreChanges` are left out when only others own them, else they keep their live value. */
function withIgnored(
  inputs: JsonObject,
  live: JsonObject,
  ignoreChanges: readonly string[],
  context: WriteContext,
): JsonObject {
  const result = structuredClone(inputs);
  for (const path of ignoreChanges.map(parsePath)) {
    const ours = ownsField(live, path, (manager) => manager === context.fieldManager);
    const theirs = ownsField(live, path, (manager) => manager !== context.fieldManager);
    if (theirs && !ours) {
      removeAt(result, path);
    } else {
      setAt(result, path, at(live, ...path));
    }
  }
  return result;
}

function setAt(object: JsonObject, path: readonly string[], value: Json | undefined): void {
  const parent = at(object, ...path.slice(0, -1));
  const last = path.at(-1);
  if (isObject(parent) && last !== undefined && value !== undefined) {
    parent[last] = value;
  }
}

function removeAt(object: JsonObject, path: readonly string[]): void {
  const parentPath = path.slice(0, -1);
  const parent = at(object, ...parentPath);
  const last = path.at(-1);
  // The top of an object (kind, metadata) is never left out.
  if (isObject(parent) && last !== undefined && parentPath.length > 0) {
    setAt(object, parentPath, without(parent, [last]));
  }
}

async function retryWhileMissing(
  context: WriteContext,
  attempt: () => Promise<JsonObject>,
): Promise<JsonObject> {
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      const missing = error instanceof NoMatchError || hasReason(error, "NotFound");
      const noNamespace = hasReason(error, "NotFound") && error.details.kind === "namespaces";
      if (context.preview && noNamespace) {
        throw new NamespaceMissing(error.message);
      }
      if (!missing || retry >= RETRIES || context.aborted()) {
        throw error;
      }
      context.status(`Retry #${retry}; creation failed: ${error.message}`);
      await sleep(FIRST_PAUSE_MS * 2 ** retry);
    }
  }
}

/** The object as it is now; what the write returned when it cannot be read, so that a success stays a success. */
async function liveOr(written: JsonObject, context: WriteContext): Promise<JsonObject> {
  try {
    const client = await context.clients.forObject(written);
    return await client.get(nameOf(written));
  } catch {
    return written;
  }
}
