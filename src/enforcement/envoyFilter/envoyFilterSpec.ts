import type { InspectionSettings } from "../../settings/inspection";
import { BodyMode } from "../../args/externalProcessing";
import type { ExternalProcessingSettings } from "../../settings/externalProcessing";
import type { InspectionRuleArgs } from "../../args/targets";
import { accessLogPatch, connectionManagerWith } from "./accessLog";
import type { AgentAddress } from "./agentAddress";
import { FilterPosition } from "../../args/envoyFilter";
import { localCluster } from "./agentCluster";
import { connectionManager, selected } from "./envoyFilterTypes";
import type {
  ConfigPatch,
  EnvoyFilterSpec,
  EnvoyFilterWorkloads,
  EnvoyValue,
  ListenerMatch,
  ProxyContext,
} from "./envoyFilterTypes";
import { extAuthz, extAuthzFilter } from "./extAuthz";
import { extProc, extProcFilter } from "./extProc";
import { guidePatches } from "./guideForm";
import { selectRequests } from "./requestSelection";
import type { Selection } from "./requestSelection";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/** What an EnvoyFilter is made of. */
export interface EnvoyFilterPlan {
  /** Name of the target, for marks of its own: those of several targets meet in one proxy. */
  name: string;
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
  /** What external processing sends; undefined where Envoy asks by ext_authz. */
  processing?: ExternalProcessingSettings;
  /** Whether the agent only looks on. */
  observed: boolean;
  /** Whether the agent is told of the response: by external processing, else by the access log. */
  responseData: boolean;
}

/**
 * Spec of an EnvoyFilter: the filters, the access log, and the cluster of an agent in the pod.
 *
 * @param plan - What it is made of; the arguments were checked before.
 */
export function envoyFilterSpec(plan: EnvoyFilterPlan): EnvoyFilterSpec {
  const { name, workloads, agent, inspection, settings, processing, responseData } = plan;
  if (settings.guideCompatible) {
    return {
      ...selected(workloads),
      configPatches: guidePatches(agent.port, inspection, settings, responseData),
    };
  }
  const withBody =
    processing === undefined ? inspection.body.enabled : processing.requestBody !== BodyMode.None;
  const { excludedPaths, grpc, statPrefix } = settings;
  const selection = selectRequests(plan, withBody, {
    excludedPaths,
    grpc,
    markPrefix: `${statPrefix}_${name}_`,
  });
  return {
    ...selected(workloads),
    // Without one, whoever else inserts filters decides by age which stands first.
    priority: settings.priority,
    configPatches: [
      ...filterPatches(plan, selection),
      ...logPatches(plan, selection),
      ...windowPatches(plan),
      ...clusterPatches(plan),
    ],
  };
}

/** The filter that marks requests, if marks are needed, then the ones that ask about them. */
function filterPatches(plan: EnvoyFilterPlan, selection: Selection): ConfigPatch[] {
  const { context, settings, processing } = plan;
  const filters = [...(selection.filter === undefined ? [] : [selection.filter]), ...checks(plan, selection)];
  const inserted =
    settings.position === FilterPosition.BeforeRouter
      ? filters.map((value) => httpFilterPatch(context, "INSERT_BEFORE", value, "envoy.filters.http.router"))
      : // Each one goes to the front, so the last of these is the first in the proxy.
        filters.reverse().map((value) => httpFilterPatch(context, "INSERT_FIRST", value));
  return [...inserted, ...tunnelPatches(context, processing === undefined ? extAuthz : extProc)];
}

function checks({ processing, ...plan }: EnvoyFilterPlan, selection: Selection): EnvoyValue[] {
  const { agent, inspection, settings, observed } = plan;
  return processing === undefined
    ? selection.groups.map((group) => extAuthzFilter(group, agent, inspection, settings, observed))
    : [extProcFilter(selection, { ...plan, processing })];
}

/**
 * Takes the check away where a sidecar opens HBONE tunnels: their bodies do not end, so the check would hold them for
 * ever. What comes through them is checked by itself. A gateway has no such listener.
 */
function tunnelPatches(context: ProxyContext, check: string): ConfigPatch[] {
  const { listener } = connectionManagers(context, check);
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
  { context, agent, inspection, settings, processing, responseData }: EnvoyFilterPlan,
  { groups }: Selection,
): ConfigPatch[] {
  const value = accessLogPatch(agent, inspection, settings, groups);
  return responseData && processing === undefined
    ? [
        {
          applyTo: "NETWORK_FILTER",
          match: connectionManagers(context),
          patch: { operation: "MERGE", value },
        },
      ]
    : [];
}

/**
 * What a client may send by HTTP/2 while the agent thinks, 16 MiB by default. Envoy sends it in one message, which the
 * agent's server may refuse as too large: the request would pass uninspected.
 */
const streamWindowBytes = 1_048_576;

function windowPatches({ context, processing }: EnvoyFilterPlan): ConfigPatch[] {
  const value = connectionManagerWith({
    http2_protocol_options: { initial_stream_window_size: streamWindowBytes },
  });
  return processing === undefined || processing.requestBody === BodyMode.None
    ? []
    : [
        {
          applyTo: "NETWORK_FILTER",
          match: connectionManagers(context),
          patch: { operation: "MERGE", value },
        },
      ];
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
