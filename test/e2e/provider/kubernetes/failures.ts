import { PartialFailure } from "../server";
import type { JsonObject } from "../values";
import { hasReason, StatusError } from "./apiClient";
import { NotReady } from "./await/waiting";
import { apiVersionOf, gvkOf, gvkOfUrn, isPatchResource, nameOf, objectId } from "./objects";
import { NoMatchError, type ResourceClients } from "./resourceClient";
import { NamespaceMissing } from "./writes";

/** Makes the state of an object as it was last seen. */
export type StateOf = (live: JsonObject) => JsonObject;

/** Failures of a dry run of a create that say nothing against the real run. */
export function previewFallsBack(error: unknown): boolean {
  if (hasReason(error, "Forbidden") || hasReason(error, "AlreadyExists")) {
    return true;
  }
  if (error instanceof NamespaceMissing) {
    return true;
  }
  return hasReason(error, "BadRequest") && error.message.includes("does not support dry run");
}

/** The failure of a create, in the real provider's words. An object that exists but is not ready is kept. */
export function creationFailure(urn: string, error: unknown, stateOf: StateOf): Error {
  if (error instanceof NoMatchError) {
    const gvk = gvkOfUrn(urn);
    return noSuchKind(`creation of resource "${urn}" with kind ${apiVersionOf(gvk)}/${gvk.kind}`, error);
  }
  if (!(error instanceof NotReady)) {
    const start = `resource "${urn}" was not successfully created by the Kubernetes API server`;
    return new Error(`${start}: ${messageOf(error)}`, { cause: error });
  }
  const message =
    `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to ` +
    `fully initialize or become live: ${error.message}`;
  return partial(error.object, message, error, stateOf);
}

/** The failure of an update, in the real provider's words. The object as it is now is kept when it can be read. */
export async function updateFailure(
  urn: string,
  oldLive: JsonObject,
  error: unknown,
  clients: ResourceClients,
  stateOf: StateOf,
): Promise<Error> {
  if (error instanceof NoMatchError) {
    return noSuchKind(`update of resource "${urn}"`, error);
  }
  try {
    const live = await (await clients.forObject(oldLive)).get(nameOf(oldLive));
    const start = `the Kubernetes API server reported that "${objectId(live)}" failed to fully initialize or become live`;
    return partial(live, `${start}: ${messageOf(error)}`, error, stateOf);
  } catch (readError) {
    return new Error(
      `update of resource "${urn}" failed: ${messageOf(error)}\n` +
        `unable to get cluster state: ${messageOf(readError)}`,
      { cause: error },
    );
  }
}

/** The failure of a delete. A Patch that owns a required field says so and names the way out. */
export function deletionFailure(urn: string, oldLive: JsonObject, error: unknown, stateOf: StateOf): unknown {
  if (error instanceof NotReady) {
    return partial(error.object, error.message, error, stateOf);
  }
  const field = error instanceof StatusError ? error.causeField("FieldValueRequired") : undefined;
  if (field === undefined || !isPatchResource(urn, gvkOf(oldLive).kind)) {
    return error;
  }
  return new Error(
    "this Patch resource is currently managing a required field, so it can't be deleted directly. Either set " +
      `the \`retainOnDelete\` resource option, or transfer ownership of the field before deleting: ${field}`,
    { cause: error },
  );
}

function noSuchKind(what: string, error: NoMatchError): Error {
  return new Error(
    `${what} failed because the Kubernetes API server reported that the apiVersion for this resource does not ` +
      `exist. Verify that any required CRDs have been created: ${error.message}`,
    { cause: error },
  );
}

function partial(object: JsonObject, message: string, error: unknown, stateOf: StateOf): PartialFailure {
  const problems = error instanceof NotReady ? error.problems : [];
  return new PartialFailure(objectId(object), message, [message, ...problems], stateOf(object));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
