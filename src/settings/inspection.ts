import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { InspectionMode } from "../args/inspection";
import type { BodyInspectionArgs, InspectionArgs } from "../args/inspection";
import type { TargetArgs } from "../args/targets";

type WithoutDefault =
  | "observeUntil"
  | "statusOnError"
  | "responseTrailersToLog"
  | "filterStateObjectsToLog"
  | "logName"
  | "keepAccessLogProviders";

/** The inspection arguments with every default filled in; what is still optional is left to Istio and the mesh. */
export interface InspectionSettings
  extends Required<Omit<InspectionArgs, WithoutDefault>>, Pick<InspectionArgs, WithoutDefault> {
  /** What of the body is sent. */
  body: Required<BodyInspectionArgs>;
}

/**
 * Headers that join an access log entry with its check; the agent cannot do without them.
 *
 * Source: guide, "Define the external authorizer".
 */
export const requiredRequestHeaders: readonly string[] = ["x-sigsci-request-id", "x-sigsci-waf-response"];

/** Fills in every default. Nothing is checked here. */
export function inspectionSettings(args: InspectionArgs = {}): InspectionSettings {
  return {
    ...args,
    mode: args.mode ?? InspectionMode.Block,
    timeout: args.timeout ?? "200ms",
    failOpen: args.failOpen ?? true,
    body: {
      enabled: args.body?.enabled ?? true,
      maxBytes: args.body?.maxBytes ?? 100_000,
      allowPartial: args.body?.allowPartial ?? true,
      packAsBytes: args.body?.packAsBytes ?? true,
    },
    requestHeadersToLog: withRequired(
      args.requestHeadersToLog ?? ["accept", "content-type", "content-length"],
    ),
    responseHeadersToLog: args.responseHeadersToLog ?? ["date", "server", "content-type", "content-length"],
  };
}

/** What the agent's verdict does to requests of a target, and until when it is meant to do no more. */
export interface TargetMode {
  /** The target's own mode, or that of the component. */
  readonly mode: InspectionMode;
  /** Last day of observing, where one is given. */
  readonly observeUntil: string | undefined;
}

/** The mode of a target. */
export function modeOf(
  inspection: Pick<InspectionArgs, "mode" | "observeUntil">,
  target: Pick<TargetArgs, "mode" | "observeUntil">,
): TargetMode {
  const mode = target.mode ?? inspection.mode ?? InspectionMode.Block;
  const until = target.observeUntil ?? inspection.observeUntil;
  return { mode, observeUntil: mode === InspectionMode.Observe ? until : undefined };
}

/** Whether nothing of a target is blocked. */
export function observes(
  inspection: Pick<InspectionArgs, "mode">,
  target: Pick<TargetArgs, "mode">,
): boolean {
  return modeOf(inspection, target).mode === InspectionMode.Observe;
}

/** The targets that are observed by the shadow mode of ext_authz, which Istio knows from 1.31 on; none in teardown. */
export function shadowedTargets({
  enforcement = Enforcement.AuthorizationPolicy,
  inspection = {},
  targets,
  teardown,
}: Pick<SigsciIstioIntegrationArgs, "enforcement" | "inspection" | "targets" | "teardown">): TargetArgs[] {
  const asksByExtAuthz = [Enforcement.AuthorizationPolicy, Enforcement.EnvoyFilter].includes(enforcement);
  return asksByExtAuthz && teardown !== true ? targets.filter((target) => observes(inspection, target)) : [];
}

function withRequired(headers: readonly string[]): string[] {
  const extra = headers.filter((header) => !requiredRequestHeaders.includes(header.toLowerCase()));
  return [...requiredRequestHeaders, ...extra];
}
