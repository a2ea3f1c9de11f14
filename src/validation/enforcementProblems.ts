import { Enforcement, Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import type { ArgumentProblem } from "./problem";
import { envoyFilterProblems, guideFormInspectionProblems } from "./envoyFilterProblems";
import { envoyFilterWarnings } from "./envoyFilterWarnings";
import { agentPlaceProblems, envoyFilterTargetProblems, waypointProblem } from "./envoyFilterTargetProblems";
import { proxyContext } from "../enforcement/registerEnvoyFilters";
import { policyWorkloads } from "../enforcement/authorizationPolicy";
import { conditionsOf, TargetKind } from "../args/targets";

/** Reasons to refuse a combination of enforcement, placement and targets. */
export function enforcementProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  if (args.enforcement !== Enforcement.EnvoyFilter) {
    return args.envoyFilter === undefined
      ? []
      : [
          {
            path: "envoyFilter",
            reason: "it has no effect with enforcement AuthorizationPolicy",
            remedy: 'Leave it out, or set enforcement to "EnvoyFilter".',
          },
        ];
  }
  const filter = args.envoyFilter ?? {};
  return [
    ...envoyFilterProblems(filter),
    ...guideFormInspectionProblems(filter, args.inspection ?? {}),
    ...agentPlaceProblems(filter, args.placement === Placement.Sidecar ? "pod" : "service"),
    ...args.targets.flatMap((target, index) => {
      const path = `targets[${index}]`;
      return target.kind === TargetKind.Waypoint
        ? [waypointProblem(`${path}.kind`, target.kind)]
        : envoyFilterTargetProblems(
            filter,
            {
              context: proxyContext(target),
              targetRefs: policyWorkloads(target).targetRefs,
              rules: target.rules ?? [conditionsOf(target)],
            },
            path,
          );
    }),
  ];
}

/** What is allowed in a combination of enforcement and targets but deserves a warning. */
export function enforcementWarnings(args: SigsciIstioIntegrationArgs): string[] {
  return args.enforcement === Enforcement.EnvoyFilter
    ? envoyFilterWarnings(args.envoyFilter ?? {}, args.inspection)
    : [];
}
