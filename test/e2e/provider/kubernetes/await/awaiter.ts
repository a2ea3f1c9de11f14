import type { JsonObject } from "../../values";
import { hasReason } from "../apiClient";
import { ANNOTATION, annotationIsTrue, apiVersionOf, gvkOf, nameOf, namespaceOf } from "../objects";
import type { ResourceClients } from "../resourceClient";
import { daemonSetReadiness } from "./daemonSet";
import { deploymentReadiness } from "./deployment";
import { ignoresPods, serviceReadiness, Settling } from "./service";
import { NotReady, timeoutMs, waitUntilReady, type Readiness } from "./waiting";

const DEFAULT_TIMEOUT_SECONDS = 600;

/** Kinds that the real provider awaits and this stand-in does not know how to. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "apps/v1/StatefulSet",
  "batch/v1/Job",
  "networking.k8s.io/v1/Ingress",
  "v1/PersistentVolume",
  "v1/PersistentVolumeClaim",
  "v1/Pod",
  "v1/ReplicationController",
  "v1/ResourceQuota",
]);

/** What a wait needs to know. */
export interface AwaitRequest {
  readonly clients: ResourceClients;
  readonly inputs: JsonObject;
  /** The object as the write returned it. */
  readonly written: JsonObject;
  /** `customTimeouts` of the resource in seconds, 0 when not set. */
  readonly timeoutSeconds: number;
  readonly aborted: () => boolean;
}

/**
 * Waits after a write until the object is ready, as its kind defines it; returns at once for kinds without a
 * definition and with `pulumi.com/skipAwait: "true"`.
 * @throws NotReady when the time is over
 * @throws Error for a kind that only the real provider can await
 */
export async function awaitReady(request: AwaitRequest): Promise<void> {
  const look = lookFor(request, "wait");
  if (!look) {
    return;
  }
  const limit = timeoutMs(request.timeoutSeconds, request.inputs, DEFAULT_TIMEOUT_SECONDS);
  await waitUntilReady(look, limit, request.aborted);
}

/**
 * Looks once whether an object that is being refreshed is ready.
 * @throws NotReady when it is not
 */
export async function requireReady(request: AwaitRequest): Promise<void> {
  const look = lookFor(request, "once");
  if (!look) {
    return;
  }
  const seen = await look();
  if (seen.ready) {
    return;
  }
  const message = `Resource '${nameOf(seen.object)}' was created but failed to initialize`;
  throw new NotReady(message, seen.object, seen.problems);
}

function lookFor(request: AwaitRequest, mode: "wait" | "once"): (() => Promise<Readiness>) | undefined {
  const gvk = gvkOf(request.written);
  const id = `${apiVersionOf(gvk)}/${gvk.kind}`;
  if (annotationIsTrue(request.inputs, ANNOTATION.skipAwait)) {
    return undefined;
  }
  if (UNSUPPORTED.has(id)) {
    throw new Error(
      `The stand-in for the Kubernetes provider cannot await ${id}: set the annotation ` +
        `${ANNOTATION.skipAwait}: "true", or put the real provider on the PATH`,
    );
  }
  if (id === "apps/v1/Deployment") {
    return () => lookAtDeployment(request);
  }
  if (id === "apps/v1/DaemonSet") {
    return async () => daemonSetReadiness(await live(request));
  }
  if (id !== "v1/Service") {
    return undefined;
  }
  const settling = mode === "wait" ? new Settling() : undefined;
  return () => lookAtService(request, settling);
}

async function lookAtDeployment(request: AwaitRequest): Promise<Readiness> {
  const namespace = namespaceOf(request.written);
  const replicaSets = await request.clients.forKind(
    { group: "apps", version: "v1", kind: "ReplicaSet" },
    namespace,
  );
  return deploymentReadiness(await live(request), await replicaSets.list());
}

async function lookAtService(request: AwaitRequest, settling: Settling | undefined): Promise<Readiness> {
  const service = await live(request);
  if (ignoresPods(service)) {
    return serviceReadiness(service, undefined);
  }
  const client = await request.clients.forKind(
    { group: "", version: "v1", kind: "Endpoints" },
    namespaceOf(service),
  );
  const endpoints = await client.get(nameOf(service)).catch((error: unknown) => {
    if (hasReason(error, "NotFound")) {
      return undefined;
    }
    throw error;
  });
  const settled = settling?.settled(endpoints) ?? true;
  const readiness = serviceReadiness(service, endpoints);
  return { ...readiness, ready: readiness.ready && settled };
}

async function live(request: AwaitRequest): Promise<JsonObject> {
  const client = await request.clients.forObject(request.written);
  return client.get(nameOf(request.written));
}
