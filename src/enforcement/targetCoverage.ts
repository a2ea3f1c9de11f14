import { GrpcInspection } from "../args/envoyFilter";
import { Enforcement } from "../args/integration";
import { InspectionMode } from "../args/inspection";
import { TargetKind } from "../args/targets";
import type { InspectionRuleArgs, TargetArgs } from "../args/targets";
import { modeOf } from "../settings/inspection";
import type { IntegrationSettings } from "../settings/integration";

/** What is inspected for a target, and how, for people, scripts and policy checks. */
export interface TargetCoverage {
  /** Name of the target. */
  name: string;
  /** What kind of proxy answers for it: `Workload`, `Gateway` or `Waypoint`. */
  kind: string;
  /** Namespace of the workloads. */
  namespace: string;
  /** Labels of the workloads; empty for a whole namespace or for references. */
  matchLabels: Record<string, string>;
  /** References to gateways or waypoints, each as `<kind>/<name>`. */
  targetRefs: string[];
  /** The requests that are inspected, one line for each rule. */
  requests: string[];
  /** How many of these requests are inspected, in percent: 0 in teardown and while it is held back, and `rolloutPercent` with EnvoyFilters. */
  percent: number;
  /** How Envoy is told: `AuthorizationPolicy`, `EnvoyFilter` or `ExternalProcessing`. */
  enforcement: string;
  /** The external authorizer that the AuthorizationPolicy names; undefined with the other enforcements. */
  provider?: string;
  /** Host at which the proxies reach the agent. */
  agentHost: string;
  /** What the agent's verdict does: `Block`, or `Observe`, where none of the requests is blocked. */
  mode: string;
  /** Last day on which it is meant to observe; undefined when it blocks, or no day is given. */
  observeUntil?: string;
  /** Whether a request passes without inspection when the agent does not answer in time. */
  failOpen: boolean;
}

/** What of a target is known only later. */
type KnownLater = Pick<TargetCoverage, "namespace" | "agentHost"> & {
  matchLabels?: Record<string, string>;
  isHeldBack?: boolean;
};

/** What is inspected for a target. */
export function targetCoverage(
  { enforcement, envoyFilter, inspection, mesh, teardown }: IntegrationSettings,
  target: TargetArgs,
  { namespace, matchLabels = {}, agentHost, isHeldBack = false }: KnownLater,
): TargetCoverage {
  const throughMesh = enforcement === Enforcement.AuthorizationPolicy;
  const excluded = throughMesh ? [] : leftOut(envoyFilter, target);
  const { mode, observeUntil } = modeOf(inspection, target);
  const percent = throughMesh ? 100 : envoyFilter.rolloutPercent;
  return {
    name: target.name,
    kind: target.kind ?? TargetKind.Workload,
    namespace,
    matchLabels: { ...matchLabels },
    targetRefs: (target.targetRefs ?? []).map(({ kind, name }) => `${kind}/${name}`),
    requests: (target.rules ?? [target]).map((rule) => describeRule(rule, excluded)),
    percent: teardown || isHeldBack ? 0 : percent,
    enforcement,
    ...(throughMesh && { provider: mesh.providerNames.extAuthz }),
    agentHost,
    mode,
    ...(observeUntil !== undefined && { observeUntil }),
    failOpen: inspection.failOpen || mode === InspectionMode.Observe,
  };
}

/** What the EnvoyFilter leaves out of every rule, in words. */
function leftOut(
  { excludedPaths, grpc }: IntegrationSettings["envoyFilter"],
  { grpcPorts }: TargetArgs,
): string[] {
  return [
    ...(excludedPaths.length === 0 ? [] : [`except paths ${excludedPaths.join(", ")}`]),
    ...(grpc === GrpcInspection.None && grpcPorts !== undefined
      ? [`except gRPC to ports ${grpcPorts.join(", ")}`]
      : []),
  ];
}

/** How a rule without conditions is described. */
export const everyRequest = "every request";

const conditionWords: readonly (readonly [Exclude<keyof InspectionRuleArgs, "headers">, string])[] = [
  ["paths", "paths"],
  ["notPaths", "except paths"],
  ["methods", "methods"],
  ["notMethods", "except methods"],
  ["hosts", "hosts"],
  ["notHosts", "except hosts"],
  ["ports", "ports"],
  ["notPorts", "except ports"],
  ["ipBlocks", "from"],
  ["notIpBlocks", "not from"],
  ["remoteIpBlocks", "client in"],
  ["notRemoteIpBlocks", "client not in"],
];

function describeRule(rule: InspectionRuleArgs, excluded: readonly string[]): string {
  const conditions = conditionWords.flatMap(([field, words]) => {
    const values = rule[field];
    return values === undefined ? [] : [`${words} ${values.join(", ")}`];
  });
  const headers = (rule.headers ?? []).map(({ name, values, notValues }) =>
    [
      `header ${name}`,
      ...(values === undefined ? [] : [`is ${values.join(", ")}`]),
      ...(notValues === undefined ? [] : [`is not ${notValues.join(", ")}`]),
    ].join(" "),
  );
  const all = [...conditions, ...headers, ...excluded];
  return all.length === 0 ? everyRequest : all.join("; ");
}
