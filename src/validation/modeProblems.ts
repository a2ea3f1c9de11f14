import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { InspectionMode } from "../args/inspection";
import { PreflightCheck } from "../args/preflight";
import { TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { observes, shadowedTargets } from "../settings/inspection";
import type { ArgumentProblem } from "./problem";

/** Reasons to refuse observing where requests would be blocked all the same, and days for which nothing observes. */
export function modeProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  return [
    ...withoutObserving(args),
    ...shadowProblems(args),
    ...observing(args).flatMap(({ target, path }): ArgumentProblem[] => {
      const reason = reasonAgainst(args, target);
      return reason === undefined ? [] : [{ path, value: InspectionMode.Observe, ...reason }];
    }),
  ];
}

/** The targets that observe, each with the argument that says so. */
function observing({
  inspection = {},
  targets,
}: SigsciIstioIntegrationArgs): { target: TargetArgs; path: string }[] {
  return targets.flatMap((target, index) =>
    observes(inspection, target)
      ? [{ target, path: target.mode === undefined ? "inspection.mode" : `targets[${index}].mode` }]
      : [],
  );
}

function reasonAgainst(
  { enforcement = Enforcement.AuthorizationPolicy, envoyFilter = {} }: SigsciIstioIntegrationArgs,
  { name, kind }: TargetArgs,
): Pick<ArgumentProblem, "reason" | "remedy"> | undefined {
  if (enforcement === Enforcement.AuthorizationPolicy && kind === TargetKind.Waypoint) {
    return {
      reason: `target ${name} is for waypoints, where Istio ignores the EnvoyFilter that would keep requests from being blocked`,
      remedy: "Observe the workloads by their sidecars or the gateway, or let this target block.",
    };
  }
  if (enforcement === Enforcement.EnvoyFilter && envoyFilter.guideCompatible === true) {
    return {
      reason: "the guide's EnvoyFilter (guideCompatible) has no place for it",
      remedy: "Leave out guideCompatible, or leave this out.",
    };
  }
  return undefined;
}

/** What would let an observed request be blocked by ext_authz all the same. */
function shadowProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  if (shadowedTargets(args).length === 0) {
    return [];
  }
  const { inspection = {}, preflight = {} } = args;
  const version =
    "an Istio before 1.31 blocks what is to be observed, and only preflight sees which one runs";
  const otherwise = 'or set enforcement to "ExternalProcessing", which observes with every version';
  const problems: [boolean, ArgumentProblem][] = [
    [
      preflight.enabled === false,
      {
        path: "preflight.enabled",
        value: false,
        reason: version,
        remedy: `Leave it out, ${otherwise}.`,
      },
    ],
    [
      preflight.ignore?.includes(PreflightCheck.Observing) === true,
      {
        path: "preflight.ignore",
        value: preflight.ignore,
        reason: version,
        remedy: `Leave out ${PreflightCheck.Observing}, ${otherwise}.`,
      },
    ],
    [
      inspection.body?.allowPartial === false && inspection.body.enabled !== false,
      {
        path: "inspection.body.allowPartial",
        value: false,
        reason: "Envoy answers a longer body with 413, also where targets are observed",
        remedy: "Leave it out: what is beyond the limit is not inspected, and passes.",
      },
    ],
  ];
  return problems.flatMap(([applies, problem]) => (applies ? [problem] : []));
}

function withoutObserving(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { inspection = {}, targets } = args;
  const problem = (path: string, value: string): ArgumentProblem => ({
    path,
    value,
    reason: "it is the last day of observing, and requests are blocked already",
    remedy: "Leave it out, or set `mode` beside it to Observe.",
  });
  const nobody = observing(args).length === 0;
  const days = [
    { path: "inspection.observeUntil", day: inspection.observeUntil, isIdle: nobody },
    ...targets.map((target, index) => ({
      path: `targets[${index}].observeUntil`,
      day: target.observeUntil,
      isIdle: !observes(inspection, target),
    })),
  ];
  return days.flatMap(({ path, day, isIdle }) => (day !== undefined && isIdle ? [problem(path, day)] : []));
}
