import type { InspectionSettings } from "../../settings/inspection";
import type { InspectionRuleArgs } from "../../args/targets";
import { accessLogPatch } from "./accessLog";
import type { AgentAddress } from "./agentAddress";
import { FilterPosition } from "../../args/envoyFilter";
import { localCluster } from "./agentCluster";
import { connectionManager } from "./envoyFilterTypes";
import type {
  ConfigPatch,
  EnvoyFilterSpec,
  EnvoyFilterWorkloads,
  EnvoyValue,
  ListenerMatch,
  ProxyContext,
} from "./envoyFilterTypes";
import { extAuthz, extAuthzFilter } from "./extAuthz";
import { guidePatches } from "./guideForm";
import { selectRequests } from "./requestSelection";
import type { Selection } from "./requestSelection";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/** What an EnvoyFilter is made of. */
export interface EnvoyFilterPlan {
  /** The proxies that it is for. */
  workloads: EnvoyFilterWorkloads;
  /** Which of their listeners. */
  context: ProxyContext;
  /** The requests to check; a request that fits one of the rules is checked. At least one, `[{}]` for all. */
  rules: readonly InspectionRuleArgs[];
  /** Ports of the workloads that carry gRPC. */
  grpcPorts: readonly number[];
  /** Where the agent is. */
  agent: AgentAddress;
  /** How a request is checked. */
  inspection: InspectionSettings;
  /** The EnvoyFilter settings. */
  settings: EnvoyFilterSettings;
  /** Whether the agent only looks on. */
  observed: boolean;
  /** Whether the agent waits for the access log. */
  responseData: boolean;
}

/**
 * Spec of an EnvoyFilter: the filters, the access log, and the cluster of an agent in the pod.
 *
 * @param plan - What it is made of; the arguments were checked before.
 */
export function envoyFilterSpec(plan: EnvoyFilterPlan): EnvoyFilterSpec {
  const { workloads, agent, inspection, settings, responseData } = plan;
  const { labels, targetRefs } = workloads;
  const selected = {
    ...(labels === undefined ? {} : { workloadSelector: { labels: { ...labels } } }),
    ...(targetRefs === undefined ? {} : { targetRefs: targetRefs.map((reference) => ({ ...reference })) }),
  };
  if (settings.guideCompatible) {
    return { ...selected, configPatches: guidePatches(agent.port, inspection, settings, responseData) };
  }
  const selection = selectRequests(plan, inspection.body, settings);
  return {
    ...selected,
    // Without one, whoever else inserts filters decides by age which stands first.
    priority: settings.priority,
    configPatches: [
      ...filterPatches(plan, selection),
      ...logPatches(plan, selection),
      ...clusterPatches(plan),
    ],
  };
}

/** The filter that marks requests, if marks are needed, then the ones that ask about them. */
function filterPatches(
  { context, agent, inspection, settings, observed }: EnvoyFilterPlan,
  selection: Selection,
): ConfigPatch[] {
  const filters = [
    ...(selection.filter === undefined ? [] : [selection.filter]),
    ...selection.groups.map((group) => extAuthzFilter(group, agent, inspection, settings, observed)),
  ];
  const inserted =
    settings.position === FilterPosition.BeforeRouter
      ? filters.map((value) => httpFilterPatch(context, "INSERT_BEFORE", value, "envoy.filters.http.router"))
      : // Each one goes to the front, so the last of these is the first in the proxy.
        filters.reverse().map((value) => httpFilterPatch(context, "INSERT_FIRST", value));
  return [...inserted, ...tunnelPatches(context)];
}

/**
 * Takes the check away where a sidecar opens HBONE tunnels: their bodies do not end, so the check would hold them for
 * ever. What comes through them is checked by itself. A gateway has no such listener.
 */
function tunnelPatches(context: ProxyContext): ConfigPatch[] {
  const { listener } = connectionManagers(context, extAuthz);
  return context === "GATEWAY"
    ? []
    : [
        {
          applyTo: "HTTP_FILTER",
          match: { context, listener: { name: "connect_terminate", ...listener } },
          patch: { operation: "REMOVE" },
        },
      ];
}

function httpFilterPatch(
  context: ProxyContext,
  operation: "INSERT_BEFORE" | "INSERT_FIRST",
  value: EnvoyValue,
  neighbour?: string,
): ConfigPatch {
  return {
    applyTo: "HTTP_FILTER",
    match: connectionManagers(context, neighbour),
    patch: { operation, value },
  };
}

function logPatches(
  { context, agent, inspection, settings, responseData }: EnvoyFilterPlan,
  { groups }: Selection,
): ConfigPatch[] {
  const value = accessLogPatch(agent, inspection, settings, groups);
  return responseData
    ? [
        {
          applyTo: "NETWORK_FILTER",
          match: connectionManagers(context),
          patch: { operation: "MERGE", value },
        },
      ]
    : [];
}

/** Only an agent in the pod needs one; the cluster of a Service is Istio's. */
function clusterPatches({ context, agent, settings }: EnvoyFilterPlan): ConfigPatch[] {
  return agent.place === "pod"
    ? [
        {
          applyTo: "CLUSTER",
          match: { context: context === "GATEWAY" ? "GATEWAY" : "SIDECAR_OUTBOUND" },
          patch: { operation: "ADD", value: localCluster(agent, settings) },
        },
      ]
    : [];
}

/**
 * Every HTTP connection manager of the context. No listener is named: `virtualInbound` would miss requests through
 * HBONE (`main_internal`) and listeners of a Sidecar resource.
 */
function connectionManagers(context: ProxyContext, httpFilter?: string): ListenerMatch {
  const subFilter = httpFilter === undefined ? {} : { subFilter: { name: httpFilter } };
  return { context, listener: { filterChain: { filter: { name: connectionManager, ...subFilter } } } };
}
