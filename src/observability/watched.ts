import type { SidecarForm } from "../args/sidecar";
import { usesEnvoyFilters } from "../args/integration";
import type { Enforcement, Placement } from "../args/integration";
import { conditionsOf, TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { goDurationNanoseconds } from "../kubernetes/syntax";
import { keepsState } from "../settings/agentState";
import { observes } from "../settings/inspection";
import type { IntegrationSettings } from "../settings/integration";

/** What of a component its alerts and its dashboard are about; all of it known. */
export interface Watched {
  /** Logical name of the component. */
  name: string;
  /** Name of the agent's objects. */
  agentName: string;
  /** Namespace of the agent; it has none of its own with Sidecar placement. */
  agentNamespace: string;
  /** Where the agent runs. */
  placement: Placement;
  /** Most agents that the autoscaler may run; undefined without one. */
  maxReplicas: number | undefined;
  /** How its container joins a pod, with Sidecar placement. */
  form: SidecarForm;
  /** Envoy's name of the cluster over which the agent is asked. */
  cluster: string;
  /** How Envoy is told. */
  enforcement: Enforcement;
  /** Prefix of the filter's own counters; Istio's filter has none. */
  statPrefix: string | undefined;
  /** The targets. */
  targets: WatchedTarget[];
  /** Whether a target selects proxies of every namespace. */
  everyNamespace: boolean;
  /** Whether a request passes when the agent gives no answer. */
  failOpen: boolean;
  /** Status of a request that is refused because the agent gave no answer. */
  statusOnError: number;
  /** Milliseconds that a request waits for the answer. */
  timeoutMs: number;
  /** Whether the proxies send access logs to the agent. */
  responseData: boolean;
  /** Whether the proxies' own counters are read. */
  proxyStats: boolean;
  /** Whether the agent's own metrics are scraped. */
  agentMetrics: boolean;
  /** The agent's version, when the program names one. */
  version: string | undefined;
}

/** What of a target the series of its proxies are known by. */
export interface WatchedTarget {
  /** What kind of proxy answers for it. */
  kind: TargetKind;
  /** Its namespace. */
  namespace: string;
  /** Value of the pods' label `app`, which Istio's metrics carry. */
  app: string | undefined;
  /** Whether each of its requests is inspected. */
  everyRequest: boolean;
}

/** What is known of a component only later, as it may be. */
export interface KnownParts {
  /** Namespace of the agent. */
  namespace: string;
  /** Namespace of istiod. */
  rootNamespace: string;
  /** Version, or tag, of the agent's image. */
  version: string | undefined;
  /** Namespace and labels of each target. */
  targets: Pick<TargetPlace, "namespace" | "matchLabels">[];
}

interface TargetPlace {
  namespace: string;
  matchLabels?: Readonly<Record<string, string>>;
}

/** Istio's status for a request that is refused because the authorizer gave no answer. */
const defaultStatusOnError = 403;

/** What alerts and dashboard need to know, from the settings and what of them had to be waited for. */
export function watchedComponent(settings: IntegrationSettings, known: KnownParts, cluster: string): Watched {
  const { agent, inspection, enforcement, envoyFilter, observability } = settings;
  const ownFilter = usesEnvoyFilters(enforcement) && !envoyFilter.guideCompatible;
  return {
    name: settings.name,
    agentName: agent.name,
    agentNamespace: known.namespace,
    placement: settings.placement,
    maxReplicas: agent.autoscaling?.maxReplicas,
    form: settings.sidecar.form,
    cluster,
    enforcement,
    statPrefix: ownFilter ? envoyFilter.statPrefix : undefined,
    targets: settings.targets.map((target, index) => watchedTarget(target, known.targets[index])),
    everyNamespace: known.targets.some(({ namespace }) => namespace === known.rootNamespace),
    failOpen: inspection.failOpen || settings.targets.every((target) => observes(inspection, target)),
    statusOnError: inspection.statusOnError ?? defaultStatusOnError,
    timeoutMs: (goDurationNanoseconds(inspection.timeout) ?? 0) / 1e6,
    responseData: keepsState(settings),
    proxyStats: observability.proxyStats?.read ?? false,
    agentMetrics: agent.metrics !== undefined,
    version: known.version,
  };
}

function watchedTarget(target: TargetArgs, place: TargetPlace = { namespace: "" }): WatchedTarget {
  return {
    kind: target.kind ?? TargetKind.Workload,
    namespace: place.namespace,
    app: place.matchLabels?.app,
    everyRequest: target.rules === undefined && Object.keys(conditionsOf(target)).length === 0,
  };
}
