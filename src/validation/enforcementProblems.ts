import { Enforcement, Placement, usesEnvoyFilters } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import type { ArgumentProblem } from "./problem";
import { envoyFilterProblems, guideFormInspectionProblems } from "./envoyFilterProblems";
import { envoyFilterWarnings } from "./envoyFilterWarnings";
import { externalProcessingProblems, externalProcessingWarnings } from "./externalProcessingProblems";
import { holdsBodies } from "../settings/externalProcessing";
import { policyTargetProblems } from "./policyTargetProblems";
import { agentPlaceProblems, envoyFilterTargetProblems, waypointProblem } from "./envoyFilterTargetProblems";
import { proxyContext } from "../enforcement/registerEnvoyFilters";
import { policyWorkloads } from "../enforcement/authorizationPolicy";
import { conditionsOf, TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import type { EnvoyFilterArgs } from "../args/envoyFilter";

/** Reasons to refuse a combination of enforcement, placement and targets. */
export function enforcementProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { enforcement = Enforcement.AuthorizationPolicy, externalProcessing } = args;
  if (!usesEnvoyFilters(enforcement)) {
    return [
      ...withoutEffect(enforcement, "envoyFilter", args.envoyFilter, Enforcement.EnvoyFilter),
      ...withoutEffect(enforcement, "externalProcessing", externalProcessing, Enforcement.ExternalProcessing),
      ...args.targets.flatMap((target, index) => policyTargetProblems(target, `targets[${index}]`)),
    ];
  }
  const byStream = enforcement === Enforcement.ExternalProcessing;
  // The guide's form is refused as a whole then.
  const filter = { ...args.envoyFilter, ...(byStream && { guideCompatible: undefined }) };
  return [
    ...(byStream
      ? externalProcessingProblems(args)
      : withoutEffect(enforcement, "externalProcessing", externalProcessing, Enforcement.ExternalProcessing)),
    ...grpcProblems(filter, args.targets),
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
              grpcPorts: target.grpcPorts,
            },
            path,
          );
    }),
  ];
}

/** Arguments for another enforcement than the one that is set. */
function withoutEffect(
  current: Enforcement,
  path: string,
  given: unknown,
  wanted: Enforcement,
): ArgumentProblem[] {
  return given === undefined
    ? []
    : [
        {
          path,
          reason: `it has no effect with enforcement ${current}`,
          remedy: `Leave it out, or set enforcement to "${wanted}".`,
        },
      ];
}

/** Without a port for gRPC nothing is told apart, and whoever says how gRPC is checked expects that it is. */
function grpcProblems({ grpc }: EnvoyFilterArgs, targets: readonly TargetArgs[]): ArgumentProblem[] {
  return grpc === undefined || targets.some(({ grpcPorts }) => grpcPorts !== undefined)
    ? []
    : [
        {
          path: "envoyFilter.grpc",
          value: grpc,
          reason: "it is for the ports in targets[].grpcPorts, and no target has any",
          remedy:
            "Name the ports of the containers that carry gRPC, for example grpcPorts: [9000], or leave it out.",
        },
      ];
}

/** What is allowed in a combination of enforcement and targets but deserves a warning. */
export function enforcementWarnings(args: SigsciIstioIntegrationArgs): string[] {
  if (!usesEnvoyFilters(args.enforcement)) {
    return [];
  }
  return [
    ...envoyFilterWarnings(args.envoyFilter ?? {}, args.inspection, holdsBodies(args)),
    ...(args.enforcement === Enforcement.ExternalProcessing ? externalProcessingWarnings(args) : []),
  ];
}
