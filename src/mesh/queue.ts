import type * as pulumi from "@pulumi/pulumi";
import { ProgramScoped } from "../pulumi/programScoped";
import type { LaterContribution, MeshContribution } from "./planMeshEdit";

/** An edit of one mesh ConfigMap by one component of the running program. */
export interface QueuedEdit {
  /** `<namespace>/<name>` of the ConfigMap. */
  configMap: pulumi.Output<string>;
  /** What the component wants. */
  contribution: pulumi.Output<MeshContribution>;
  /** The resource that writes, which later edits wait for; rejects when something is refused. */
  written: pulumi.Output<pulumi.Resource[]>;
  /** What is already known of it without waiting for anything. */
  plain?: LaterContribution & { configMap: string };
}

const queues = new ProgramScoped<QueuedEdit[]>(() => []);

/**
 * The edits of the running program that use the same Kubernetes provider, in order. Components of one program read
 * the same text before any of them writes; each adds what those before it want, and writes after them, so that
 * none undoes another.
 */
export function meshQueue(component: pulumi.ComponentResource): QueuedEdit[] {
  return queues.of(component);
}

/**
 * What components that are constructed after this one will add to the same ConfigMap, as far as it is plain: waiting
 * for more could wait for ever, since a later component may depend on this one.
 *
 * @param queue - The edits after this one.
 * @param configMap - `<namespace>/<name>`.
 * @param own - `<project>/<stack>/<component>` of this one, which edits the ConfigMap of each revision.
 */
export function laterContributions(
  queue: readonly QueuedEdit[],
  configMap: string,
  own: string,
): LaterContribution[] {
  return queue.flatMap(({ plain }) =>
    plain?.configMap === configMap && plain.component !== own ? [plain] : [],
  );
}
