import { selectorOf } from "./authorizationPolicy";
import type { WorkloadSelector } from "./authorizationPolicy";
import type { TargetArgs } from "./targetArgs";

/** Spec of a Telemetry, access logging only. Source: Istio, "Telemetry". */
export interface TelemetrySpec {
  /** The workloads; the whole namespace when absent. */
  selector?: WorkloadSelector;
  /** Access logs and where they go. */
  accessLogging: { providers: { name: string }[]; match?: { mode: "SERVER" } }[];
}

/**
 * Spec of the Telemetry of a target. It names the mesh's other log providers too, since naming one replaces the
 * inherited ones, and logs inbound requests only: the agent never checks outbound ones.
 *
 * @param target - The target.
 * @param accessLogProvider - Name of our access log in `extensionProviders`.
 * @param keptProviders - Names of the other log providers.
 */
export function telemetrySpec(
  target: TargetArgs,
  accessLogProvider: string,
  keptProviders: readonly string[],
): TelemetrySpec {
  const names = [accessLogProvider, ...keptProviders.filter((name) => name !== accessLogProvider)];
  return {
    ...selectorOf(target),
    accessLogging: [{ providers: names.map((name) => ({ name })), match: { mode: "SERVER" } }],
  };
}
