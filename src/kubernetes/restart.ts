import { listAt, nameOf, namespaceOf, textAt } from "./liveObject";
import type { LiveObject } from "./liveObject";

/** A workload, or a pod that stands for itself. */
export interface RunningWorkload {
  /** Its namespace. */
  namespace: string;
  /** Its kind, for example `Deployment`. */
  kind: string;
  /** Its name. */
  name: string;
}

const restartable = ["Deployment", "StatefulSet", "DaemonSet"];

/** The command that starts the pods of a workload again: made anew, they get what admission adds. */
export function restartCommand({ namespace, kind, name }: RunningWorkload): string {
  return restartable.includes(kind)
    ? `kubectl rollout restart ${kind.toLowerCase()}/${name} -n ${namespace}`
    : `kubectl delete pod ${name} -n ${namespace}`;
}

/** The commands that start some pods again, each once, in order. */
export function restartCommands(pods: readonly LiveObject[]): string[] {
  return [...new Set(pods.map((pod) => restartCommand(restartedWith(pod))))].sort();
}

/** What has to be started again for a pod; the pod itself where it is of no kind that can be. */
function restartedWith(pod: LiveObject): RunningWorkload {
  const namespace = namespaceOf(pod);
  const deployment = deploymentName(pod);
  if (deployment !== undefined) {
    return { namespace, kind: "Deployment", name: deployment };
  }
  const [owner] = listAt(pod, "metadata", "ownerReferences").filter((one) =>
    restartable.includes(textAt(one, "kind") ?? ""),
  );
  return owner === undefined
    ? { namespace, kind: "Pod", name: nameOf(pod) }
    : { namespace, kind: textAt(owner, "kind") ?? "", name: textAt(owner, "name") ?? "" };
}

/** The Deployment of a pod, by the name of its ReplicaSet, which need not be known. */
export function deploymentName(pod: unknown): string | undefined {
  const hash = textAt(pod, "metadata", "labels", "pod-template-hash");
  const [replicaSet] = listAt(pod, "metadata", "ownerReferences").filter(
    (owner) => textAt(owner, "kind") === "ReplicaSet",
  );
  const name = textAt(replicaSet, "name") ?? "";
  return hash !== undefined && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : undefined;
}
