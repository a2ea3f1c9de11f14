import type { JsonObject } from "../../values";
import { hasReason } from "../apiClient";
import { ANNOTATION, annotation, annotationIsTrue, apiVersionOf, at, gvkOf } from "../objects";
import type { ResourceClient } from "../resourceClient";
import { NotReady, timeoutMs, waitUntilReady } from "./waiting";

const DEFAULT_TIMEOUT_SECONDS = 600;

/** Kinds for which `pulumi.com/skipAwait` also means: do not wait until the object is gone. */
const DELETED_WITHOUT_WAITING: ReadonlySet<string> = new Set([
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "batch/v1/Job",
  "v1/Namespace",
  "v1/Pod",
  "v1/ReplicationController",
]);

/** The propagation policy that the annotation names; dependents go first by default. */
export function propagationPolicy(inputs: JsonObject): "Foreground" | "Background" | "Orphan" {
  const policy = annotation(inputs, ANNOTATION.deletionPropagationPolicy).toLowerCase();
  if (policy === "orphan") {
    return "Orphan";
  }
  return policy === "background" ? "Background" : "Foreground";
}

/**
 * Waits until an object is gone.
 * @param optionSeconds `customTimeouts.delete`, 0 when not set; the default is 10 minutes
 * @throws NotReady when it is still there at the end of that time; the problem names its finalizers
 */
export async function waitUntilGone(
  client: ResourceClient,
  name: string,
  inputs: JsonObject,
  optionSeconds: number,
  aborted: () => boolean,
): Promise<void> {
  const gvk = gvkOf(inputs);
  const skipped = annotationIsTrue(inputs, ANNOTATION.skipAwait);
  if (skipped && DELETED_WITHOUT_WAITING.has(`${apiVersionOf(gvk)}/${gvk.kind}`)) {
    return;
  }
  const look = async (): Promise<{ ready: boolean; problems: string[]; object: JsonObject }> => {
    try {
      const object = await client.get(name);
      return { ready: false, problems: remaining(object), object };
    } catch (error) {
      if (hasReason(error, "NotFound")) {
        return { ready: true, problems: [], object: {} };
      }
      throw error;
    }
  };
  try {
    await waitUntilReady(look, timeoutMs(optionSeconds, inputs, DEFAULT_TIMEOUT_SECONDS), aborted);
  } catch (error) {
    if (!(error instanceof NotReady)) {
      throw error;
    }
    const what = `${apiVersionOf(gvk)}/${gvk.kind}`;
    throw new NotReady(`Timed out waiting for deletion of ${what} "${name}"`, error.object, error.problems);
  }
}

function remaining(object: JsonObject): string[] {
  const finalizers = at(object, "metadata", "finalizers");
  if (!Array.isArray(finalizers) || finalizers.length === 0) {
    return ["the object still exists"];
  }
  return [`finalizers might be preventing deletion (${finalizers.map(String).join(", ")})`];
}
