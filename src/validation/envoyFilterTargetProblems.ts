import type { ArgumentProblem } from "./problem";
import type { InspectionRuleArgs } from "../args/targets";
import type { AgentAddress } from "../enforcement/envoyFilter/agentAddress";
import type { EnvoyFilterArgs } from "../args/envoyFilter";
import type { PolicyTargetReference } from "../enforcement/authorizationPolicy";
import type { ProxyContext } from "../enforcement/envoyFilter/envoyFilterTypes";

/** What matters about a target with EnvoyFilter enforcement. */
export interface EnvoyFilterTarget {
  /** Which listeners. */
  context: ProxyContext;
  /** The gateways, if they are given by reference. */
  targetRefs?: readonly PolicyTargetReference[];
  /** The rules of the target, `[{}]` for every request. */
  rules: readonly InspectionRuleArgs[];
  /** Ports that carry gRPC. */
  grpcPorts?: readonly number[];
}

/**
 * The reason to refuse a waypoint: Istio's documentation calls an EnvoyFilter for one unsupported and ignored.
 */
export function waypointProblem(path: string, value?: unknown): ArgumentProblem {
  return {
    path,
    ...(value === undefined ? {} : { value }),
    reason: "Istio ignores an EnvoyFilter for a waypoint without an error, so nothing would be inspected",
    remedy: "Use enforcement AuthorizationPolicy for waypoints.",
  };
}

/**
 * Reasons to refuse a target with EnvoyFilter enforcement. Whether a Gateway is a waypoint cannot be seen here.
 */
export function envoyFilterTargetProblems(
  args: EnvoyFilterArgs,
  target: EnvoyFilterTarget,
  path: string,
): ArgumentProblem[] {
  return [
    ...(target.targetRefs ?? []).flatMap((reference, index) =>
      referenceProblems(reference, `${path}.targetRefs[${index}]`),
    ),
    ...(args.guideCompatible === true ? guideFormTargetProblems(target, path) : []),
  ];
}

/** Reasons to refuse the place of the agent with EnvoyFilter enforcement. */
export function agentPlaceProblems(
  args: EnvoyFilterArgs,
  place: AgentAddress["place"],
  path = "envoyFilter",
): ArgumentProblem[] {
  if (place === "pod") {
    return [];
  }
  const reason = "the agent is behind a Service, whose cluster Istio makes";
  const remedy = "Leave it out, or set it in a DestinationRule for the agent's Service.";
  const { guideCompatible, connectTimeout, circuitBreakers } = args;
  return [
    ...(guideCompatible === true
      ? [
          {
            path: `${path}.guideCompatible`,
            value: true,
            reason: "the guide's EnvoyFilter looks for the agent in the pod, on 127.0.0.1",
            remedy: "Use placement Sidecar, or leave it out.",
          },
        ]
      : []),
    ...(connectTimeout === undefined
      ? []
      : [{ path: `${path}.connectTimeout`, value: connectTimeout, reason, remedy }]),
    ...(circuitBreakers === undefined
      ? []
      : [{ path: `${path}.circuitBreakers`, value: circuitBreakers, reason, remedy }]),
  ];
}

/** Source: Istio, "EnvoyFilter", targetRefs. */
function referenceProblems(reference: PolicyTargetReference, path: string): ArgumentProblem[] {
  if (reference.kind === "Gateway") {
    return [];
  }
  return reference.kind === "GatewayClass" && reference.name !== "istio-waypoint"
    ? []
    : [waypointProblem(path, reference)];
}

function guideFormTargetProblems(
  { context, rules, grpcPorts }: EnvoyFilterTarget,
  path: string,
): ArgumentProblem[] {
  const remedy = "Leave out guideCompatible.";
  const conditions = [
    ...new Set(
      [...rules, { grpcPorts }].flatMap((rule) =>
        Object.entries(rule).flatMap(([name, v]) => (v === undefined ? [] : name)),
      ),
    ),
  ];
  return [
    ...(context === "GATEWAY"
      ? [
          {
            path,
            reason: "the guide's EnvoyFilter (guideCompatible) is for sidecars, not for gateways",
            remedy,
          },
        ]
      : []),
    ...(conditions.length > 0
      ? [
          {
            path,
            reason:
              "the guide's EnvoyFilter (guideCompatible) checks every request and has no place for " +
              conditions.join(", "),
            remedy: `Leave out ${conditions.join(", ")}, or leave out guideCompatible.`,
          },
        ]
      : []),
  ];
}
