import type { InspectionSettings } from "../../settings/inspection";
import { GrpcInspection } from "../../args/envoyFilter";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/**
 * What the EnvoyFilters leave uninspected besides what the targets' own rules leave out, one line for each, for
 * summaries.
 *
 * @param settings - The EnvoyFilter settings.
 * @param inspection - How a request is checked.
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
