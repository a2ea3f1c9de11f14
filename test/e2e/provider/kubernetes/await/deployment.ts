import { isObject, type Json, type JsonObject } from "../../values";
import { ANNOTATION, annotation, at, numberAt, stringAt } from "../objects";
import type { Readiness } from "./waiting";

const PODS_NOT_LIVE = "Minimum number of live Pods was not attained";
const NOT_ENOUGH_PODS = "Minimum number of Pods to consider the application live was not attained";
const ROLL_FORWARD_FAILED =
  "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live";

/**
 * Whether the rollout of a Deployment is complete: the controller has seen this generation, the Deployment is
 * Available, its new ReplicaSet is reported available (from the second revision on) and has its Pods ready.
 * @param replicaSets all ReplicaSets of the namespace
 */
export function deploymentReadiness(deployment: JsonObject, replicaSets: readonly JsonObject[]): Readiness {
  const revision = annotation(deployment, ANNOTATION.revision);
  const observed =
    numberAt(deployment, "status", "observedGeneration") === numberAt(deployment, "metadata", "generation");
  const seen = observed && revision !== "";
  const available = seen && condition(deployment, "Available")?.status === "True";
  const progressing = condition(deployment, "Progressing");
  const rolledOut = seen && progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable";
  const podsReady = seen && replicaSetReady(deployment, replicaSets, revision);
  const firstRevision = revision === "1";

  const problems = seen ? conditionMessages(deployment) : [];
  if (!available) {
    problems.push(PODS_NOT_LIVE);
  } else if (!firstRevision && !rolledOut) {
    problems.push(NOT_ENOUGH_PODS);
  } else if (!podsReady) {
    problems.push(firstRevision ? NOT_ENOUGH_PODS : ROLL_FORWARD_FAILED);
  }
  const ready = available && podsReady && (firstRevision || rolledOut);
  return { ready, problems: ready ? [] : problems, object: deployment };
}

function replicaSetReady(
  deployment: JsonObject,
  replicaSets: readonly JsonObject[],
  revision: string,
): boolean {
  const uid = stringAt(deployment, "metadata", "uid");
  const current = replicaSets.find(
    (candidate) => isOwnedBy(candidate, uid) && annotation(candidate, ANNOTATION.revision) === revision,
  );
  if (!current) {
    return false;
  }
  const wanted = numberAt(current, "spec", "replicas") ?? 1;
  const readyPods = numberAt(current, "status", "readyReplicas");
  return readyPods === undefined ? wanted === 0 : readyPods >= wanted;
}

function isOwnedBy(object: JsonObject, uid: string): boolean {
  const owners = at(object, "metadata", "ownerReferences");
  return Array.isArray(owners) && owners.some((owner) => stringAt(owner, "uid") === uid);
}

interface Condition {
  readonly status: string;
  readonly reason: string;
}

function conditions(deployment: JsonObject): Json[] {
  const list = at(deployment, "status", "conditions");
  return Array.isArray(list) ? list : [];
}

function condition(deployment: JsonObject, type: string): Condition | undefined {
  const found = conditions(deployment).find((item) => stringAt(item, "type") === type);
  return isObject(found)
    ? { status: stringAt(found, "status"), reason: stringAt(found, "reason") }
    : undefined;
}

function conditionMessages(deployment: JsonObject): string[] {
  return conditions(deployment)
    .filter((item) => ["Available", "Progressing"].includes(stringAt(item, "type")))
    .filter((item) => stringAt(item, "status") !== "True" && stringAt(item, "message") !== "")
    .map((item) => `[${stringAt(item, "reason")}] ${stringAt(item, "message")}`);
}
