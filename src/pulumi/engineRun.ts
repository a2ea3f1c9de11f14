import * as pulumi from "@pulumi/pulumi";

/**
 * Whether a monitor is the engine's: that one is a gRPC client, those of mocks and of `sigsci-istio render` are not.
 */
export function runsUnderEngine(monitor: object | undefined): boolean {
  return monitor !== undefined && "getChannel" in monitor && typeof monitor.getChannel === "function";
}

/** Whether this run of the program changes a cluster: it is neither a preview nor an offline run. */
export function isEngineUpdate(): boolean {
  return !pulumi.runtime.isDryRun() && runsUnderEngine(pulumi.runtime.getMonitor());
}
