import * as pulumi from "@pulumi/pulumi";
import type { MeshContribution } from "./plan";

/** An edit of one mesh ConfigMap by one component of the running program. */
export interface QueuedEdit {
  /** `<namespace>/<name>` of the ConfigMap. */
  configMap: pulumi.Output<string>;
  /** What the component wants. */
  contribution: pulumi.Output<MeshContribution>;
  /** The resource that writes; later edits wait for it. */
  patch: pulumi.Resource;
}

const noProvider = {};
const queues = new WeakMap<object, Map<object, QueuedEdit[]>>();

/**
 * The edits of the running program that use the same Kubernetes provider, in order. Components of one program read
 * the same text before any of them writes; each adds what those before it want, and writes after them, so that
 * none undoes another.
 *
 * @param provider - The Kubernetes provider of the component; undefined for the default one.
 */
export function meshQueue(provider: pulumi.ProviderResource | undefined): QueuedEdit[] {
  // One monitor is one run of one program: several runs in a process, as in tests, do not see each other.
  const run = pulumi.runtime.getMonitor() ?? noProvider;
  const byProvider = queues.get(run) ?? new Map<object, QueuedEdit[]>();
  queues.set(run, byProvider);
  const queue = byProvider.get(provider ?? noProvider) ?? [];
  byProvider.set(provider ?? noProvider, queue);
  return queue;
}
