import { GrpcInspection } from "../args/envoyFilter";
import { Enforcement, Placement } from "../args/integration";
import type { EnvoyFilterSettings } from "../settings/envoyFilter";
import type { InspectionSettings } from "../settings/inspection";
import type { IntegrationSettings } from "../settings/integration";

/** What passes without inspection besides what the targets' own rules leave out, one line for each. */
export function notInspected(settings: IntegrationSettings): string[] {
  const { inspection, enforcement, envoyFilter, teardown } = settings;
  if (teardown) {
    return ["everything, because teardown is on"];
  }
  const { enabled, maxBytes } = inspection.body;
  return [
    enabled ? `what is behind the first ${maxBytes} bytes of a request body` : "request bodies",
    ...(enforcement === Enforcement.EnvoyFilter ? envoyFilterExclusions(envoyFilter, inspection) : []),
    ...(inspection.failOpen ? withoutAgent(settings) : []),
    ...(inspection.failOpen ? [`requests that the agent does not answer within ${inspection.timeout}`] : []),
  ];
}

/** Where there may be nobody to ask, and fail open then lets requests pass. */
function withoutAgent({ placement, agent }: IntegrationSettings): string[] {
  switch (placement) {
    case Placement.Service:
      return agent.replicas === 1
        ? ["every request while the only agent pod is away, for example evicted from its node"]
        : [];
    case Placement.NodeLocal:
      return ["requests to pods on a node without a ready agent"];
    case Placement.Sidecar:
      return ["requests to pods of a target that were started without the agent"];
  }
}

/**
 * What the EnvoyFilters leave uninspected besides what the targets' own rules leave out, one line for each, for
 * summaries.
 */
export function envoyFilterExclusions(
  settings: EnvoyFilterSettings,
  { body }: Pick<InspectionSettings, "body">,
): string[] {
  const { excludedPaths, grpc, rolloutPercent, allowedHeaders, disallowedHeaders } = settings;
  if (settings.guideCompatible) {
    return ["requests through HBONE"];
  }
  const lines: [boolean, string][] = [
    [rolloutPercent < 100, `all but ${rolloutPercent}% of the requests, drawn at random`],
    [excludedPaths.length > 0, `paths ${excludedPaths.join(", ")}`],
    [grpc === GrpcInspection.None, "gRPC requests"],
    [grpc === GrpcInspection.HeadersOnly && body.enabled, "bodies of gRPC requests"],
    [allowedHeaders !== undefined, `headers other than ${(allowedHeaders ?? []).join(", ")}`],
    [disallowedHeaders !== undefined, `headers ${(disallowedHeaders ?? []).join(", ")}`],
    [true, "CONNECT requests (tunnels)"],
  ];
  return lines.filter(([applies]) => applies).map(([, line]) => line);
}
