import { policyWorkloads } from "./authorizationPolicy";
import type { PolicyWorkloads } from "./authorizationPolicy";
import { TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";

/** Spec of a Telemetry, access logging only. Source: Istio, "Telemetry". */
export interface TelemetrySpec extends PolicyWorkloads {
  /** Access logs and where they go. */
  accessLogging: { providers: { name: string }[]; match?: { mode: "SERVER" } }[];
}

/**
 * Spec of the Telemetry of a target. It names the mesh's other log providers too, since naming one replaces the
 * inherited ones, and logs inbound requests only: the agent never checks outbound ones. The requests that a gateway
 * forwards are outbound ones, so a gateway logs all.
 *
 * @param accessLogProvider - Name of our access log in `extensionProviders`.
 */
export function telemetrySpec(
  target: TargetArgs,
  accessLogProvider: string,
  keptProviders: readonly string[],
): TelemetrySpec {
  const names = [accessLogProvider, ...keptProviders.filter((name) => name !== accessLogProvider)];
  return {
    ...policyWorkloads(target),
    accessLogging: [
      {
        providers: names.map((name) => ({ name })),
        ...(target.kind !== TargetKind.Gateway && { match: { mode: "SERVER" } }),
      },
    ],
  };
}
