import { GrpcInspection } from "../args/envoyFilter";
import { AdmissionFailurePolicy, SidecarInjection } from "../args/sidecar";
import { clientChoices, openedBy } from "./clientChoices";
import { Enforcement, Placement, usesEnvoyFilters } from "../args/integration";
import { heldBackUntil, shareOfPods } from "./heldBack";
import type { HeldBackTargets } from "./heldBack";
import { defaultPathNormalization } from "../settings/pathNormalization";
import type { PathNormalization } from "../settings/pathNormalization";
import { observes } from "../settings/inspection";
import { BodyMode } from "../args/externalProcessing";
import { requestBodyMode } from "../settings/externalProcessing";
import type { IntegrationSettings } from "../settings/integration";
import type { SidecarPlacementSettings } from "../settings/sidecar";

/**
 * What passes without inspection besides what the targets' own rules leave out, and what a client can make of these, one
 * line for each.
 *
 * @param normalization - What the mesh makes of paths; Istio's default where its configuration is not read.
 * @param heldBack - Targets that are not inspected yet.
 */
export function notInspected(
  settings: IntegrationSettings,
  normalization: PathNormalization = defaultPathNormalization,
  heldBack: HeldBackTargets = {},
): string[] {
  const { inspection, enforcement, targets, teardown } = settings;
  if (teardown) {
    return ["everything, because teardown is on"];
  }
  return [
    ...notYet(settings, heldBack),
    ...observed(settings),
    ...uninspectedBodies(settings),
    ...(usesEnvoyFilters(enforcement) ? envoyFilterExclusions(settings) : []),
    ...targets.flatMap((target) => clientChoices(target, normalization)),
    ...(inspection.failOpen ? withoutAgent(settings) : []),
    ...(inspection.failOpen ? [`requests that the agent does not answer within ${inspection.timeout}`] : []),
  ];
}

function notYet({ sidecar, enforcement }: IntegrationSettings, heldBack: HeldBackTargets): string[] {
  return Object.entries(heldBack).map(
    ([name, target]) =>
      `target ${name}: everything, ${heldBackUntil(sidecar.enforceFromPercent, enforcement)}: ` +
      shareOfPods(target, enforcement),
  );
}

/** What the agent sees, and whatever it says of it passes. */
function observed({ inspection, targets }: IntegrationSettings): string[] {
  return targets
    .filter((target) => observes(inspection, target))
    .map(
      ({ name }) =>
        `target ${name}: its requests are observed, not blocked, also while the agent does not answer`,
    );
}

/** No body that comes with a WebSocket handshake is held, whatever the application makes of it. */
const behindHandshake =
  "what follows the headers of a request that asks for a WebSocket (Upgrade: websocket)";

function uninspectedBodies(settings: IntegrationSettings): string[] {
  const { enforcement, inspection } = settings;
  const held =
    enforcement === Enforcement.ExternalProcessing
      ? "part of a request body that Envoy's buffer holds, 1 MiB by default"
      : `first ${inspection.body.maxBytes} bytes of a request body`;
  switch (requestBodyMode(settings)) {
    case BodyMode.None:
      return ["request bodies"];
    case BodyMode.BufferedPartial:
      return [`what is behind the ${held}`, behindHandshake];
    case BodyMode.Buffered:
    case BodyMode.Streamed:
      return [behindHandshake];
  }
}

/** Where there may be nobody to ask, and fail open then lets requests pass. */
function withoutAgent({ placement, agent, sidecar }: IntegrationSettings): string[] {
  switch (placement) {
    case Placement.Service:
      return agent.replicas === 1
        ? ["every request while the only agent pod is away, for example evicted from its node"]
        : [];
    case Placement.NodeLocal:
      return ["requests to pods on a node without a ready agent"];
    case Placement.Sidecar:
      return podsWithoutAgent(sidecar);
  }
}

function podsWithoutAgent({
  injection,
  excludedPods,
  failurePolicy,
  requireAgent,
}: SidecarPlacementSettings): string[] {
  const before = "requests to pods of a target that were started without the agent";
  const excluded = excludedPods.map(({ matchLabels }) => {
    const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
    return `requests to pods with ${labels.join(", ")}, which sidecar.excludedPods leaves without the agent`;
  });
  return injection === SidecarInjection.Admission
    ? [
        `${before}: those that ran before admission added it, until they are started again`,
        ...(failurePolicy === AdmissionFailurePolicy.Ignore && !requireAgent
          ? [
              "requests to new pods of a target that the agent does not fit into, which sidecar.failurePolicy lets be " +
                "created without it",
            ]
          : []),
        ...excluded,
      ]
    : [before, ...excluded];
}

/**
 * What the EnvoyFilters leave uninspected besides what the targets' own rules leave out, one line for each, for
 * summaries.
 */
export function envoyFilterExclusions({
  envoyFilter,
  targets,
  ...settings
}: Pick<
  IntegrationSettings,
  "envoyFilter" | "enforcement" | "inspection" | "externalProcessing" | "targets"
>): string[] {
  const { excludedPaths, grpc, rolloutPercent, allowedHeaders, disallowedHeaders } = envoyFilter;
  if (envoyFilter.guideCompatible) {
    return ["requests through HBONE"];
  }
  const lines: [boolean, string][] = [
    [rolloutPercent < 100, `all but ${rolloutPercent}% of the requests, drawn at random`],
    [excludedPaths.length > 0, `paths ${excludedPaths.join(", ")}`],
    [allowedHeaders !== undefined, `headers other than ${(allowedHeaders ?? []).join(", ")}`],
    [disallowedHeaders !== undefined, `headers ${(disallowedHeaders ?? []).join(", ")}`],
  ];
  const opened = openedBy(excludedPaths, defaultPathNormalization);
  const left = leftOfGrpc(grpc, requestBodyMode(settings) !== BodyMode.None);
  return [
    ...lines.filter(([applies]) => applies).map(([, line]) => line),
    ...(opened === undefined ? [] : [opened]),
    ...targets.flatMap(({ name, grpcPorts }) =>
      left === undefined || grpcPorts === undefined
        ? []
        : [
            `target ${name}: ${left} to its ports ${grpcPorts.join(", ")}, told by a content-type that any client can send`,
          ],
    ),
  ];
}

function leftOfGrpc(grpc: GrpcInspection, sendBody: boolean): string | undefined {
  if (grpc === GrpcInspection.None) {
    return "gRPC requests";
  }
  return grpc === GrpcInspection.HeadersOnly && sendBody ? "bodies of gRPC requests" : undefined;
}
