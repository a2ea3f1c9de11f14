import type { GroupVersionKind } from "./objects";
import { NoMatchError, ResourceClients } from "./resourceClient";
import type { Settings } from "./settings";

/** The connection to the cluster, or undefined when it cannot be reached. */
export function reachable(settings: Settings): ResourceClients | undefined {
  return settings.cluster instanceof ResourceClients ? settings.cluster : undefined;
}

/** Why the cluster cannot be reached; "" when it can. */
export function unreachableReason(settings: Settings): string {
  return settings.cluster instanceof ResourceClients ? "" : settings.cluster.unreachable;
}

/**
 * The connection to the cluster.
 * @throws Error with the real provider's words when it cannot be reached
 */
export function requireReachable(settings: Settings): ResourceClients {
  const clients = reachable(settings);
  if (clients) {
    return clients;
  }
  throw new Error(`configured Kubernetes cluster is unreachable: ${unreachableReason(settings)}`);
}

/** Whether objects of a kind live in a namespace; a kind that is not served yet is taken to. */
export async function livesInNamespace(gvk: GroupVersionKind, settings: Settings): Promise<boolean> {
  try {
    return (await reachable(settings)?.isNamespaced(gvk)) ?? true;
  } catch (error) {
    if (error instanceof NoMatchError) {
      return true;
    }
    throw error;
  }
}
