import type { JsonObject } from "../../values";
import { at, numberAt } from "../objects";
import type { Readiness } from "./waiting";

/** Whether a DaemonSet has rolled out: its controller has seen this generation and runs a ready Pod on every node. */
export function daemonSetReadiness(daemonSet: JsonObject): Readiness {
  const problem = firstProblem(daemonSet);
  return {
    ready: problem === undefined,
    problems: problem === undefined ? [] : [problem],
    object: daemonSet,
  };
}

function firstProblem(daemonSet: JsonObject): string | undefined {
  const generation = numberAt(daemonSet, "metadata", "generation");
  const status = at(daemonSet, "status") ?? {};
  if (numberAt(status, "observedGeneration") !== generation) {
    return "DaemonSet generation has not been observed by its controller";
  }
  const desired = numberAt(status, "desiredNumberScheduled");
  if (desired === undefined) {
    return "Missing .status.desiredNumberScheduled";
  }
  const counts = {
    Scheduled: numberAt(status, "currentNumberScheduled") ?? 0,
    Updated: numberAt(status, "updatedNumberScheduled") ?? 0,
    Available: numberAt(status, "numberAvailable") ?? 0,
    Ready: numberAt(status, "numberReady") ?? 0,
  };
  const short = Object.entries(counts).find(([, count]) => count < desired);
  return short ? `${short[0]}: ${short[1]}/${desired}` : undefined;
}
