import * as pulumi from "@pulumi/pulumi";
import { knownOrUndefined } from "./inputs";

/**
 * Whether a monitor is the engine's: that one is a gRPC client, those of mocks and of `pulumi-sigsci-istio render` are not.
 */
export function runsUnderEngine(monitor: object | undefined): boolean {
  return monitor !== undefined && "getChannel" in monitor && typeof monitor.getChannel === "function";
}

/** Whether this run of the program changes a cluster: it is neither a preview nor an offline run. */
export function isEngineUpdate(): boolean {
  return !pulumi.runtime.isDryRun() && runsUnderEngine(pulumi.runtime.getMonitor());
}

/**
 * The stable id of a component, by which it knows what it has marked. An id that the engine does not know yet is a new
 * one: marks of the component's name are those of an earlier component, as after a lost state, and the preview refuses
 * what the update would. Offline no id is known, and the name decides.
 *
 * @returns empty for a new one; undefined offline.
 */
export function idOfMarks(id: pulumi.Output<string>): pulumi.Output<string | undefined> {
  const unknown = runsUnderEngine(pulumi.runtime.getMonitor()) ? "" : undefined;
  return knownOrUndefined(id).apply((known) => known ?? unknown);
}
