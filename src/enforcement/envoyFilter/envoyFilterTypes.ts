import type { PolicyTargetReference } from "../authorizationPolicy";

/** A piece of Envoy's configuration in protobuf's JSON form, with the field names of the protos. */
export type EnvoyValue = Record<string, unknown>;

/** The proxies that an EnvoyFilter is for; every proxy of the namespace when both are absent. */
export interface EnvoyFilterWorkloads {
  /** Labels of the pods. Excludes `targetRefs`. */
  labels?: Readonly<Record<string, string>>;
  /** Gateway API gateways. */
  targetRefs?: readonly PolicyTargetReference[];
}

/** Which listeners of a proxy: those for requests to a sidecar's own workload, or those of a gateway. */
export type ProxyContext = "SIDECAR_INBOUND" | "GATEWAY";

/** Connection managers or their filters. */
export interface ListenerMatch {
  /** Of which listeners. */
  context: ProxyContext;
  /** Of the listener of a name, or of all. */
  listener: {
    name?: string;
    filterChain: { filter: { name: string; subFilter?: { name: string } } };
  };
}

/** One change of the configuration that istiod makes for a proxy. */
export interface ConfigPatch {
  /** What is changed. */
  applyTo: "HTTP_FILTER" | "NETWORK_FILTER" | "CLUSTER";
  /** Where. */
  match?: ListenerMatch | { context: ProxyContext | "SIDECAR_OUTBOUND"; listener?: undefined };
  /** How. */
  patch:
    | { operation: "ADD" | "INSERT_BEFORE" | "INSERT_FIRST" | "MERGE"; value: EnvoyValue }
    | { operation: "REMOVE" };
}

/** Spec of an EnvoyFilter (`networking.istio.io/v1alpha3`), as far as we use it. */
export interface EnvoyFilterSpec {
  /** The pods, by label. */
  workloadSelector?: { labels: Record<string, string> };
  /** The gateways, by reference. */
  targetRefs?: PolicyTargetReference[];
  /** Order among the EnvoyFilters of a proxy. */
  priority?: number;
  /** The changes, in order. */
  configPatches: ConfigPatch[];
}

/** The fields of a spec that say which proxies it is for. */
export function selected({
  labels,
  targetRefs,
}: EnvoyFilterWorkloads): Pick<EnvoyFilterSpec, "workloadSelector" | "targetRefs"> {
  return {
    ...(labels === undefined ? {} : { workloadSelector: { labels: { ...labels } } }),
    ...(targetRefs === undefined ? {} : { targetRefs: targetRefs.map((reference) => ({ ...reference })) }),
  };
}

/** Name of the network filter that holds the HTTP filters. */
export const connectionManager = "envoy.filters.network.http_connection_manager";

/** Type of that filter's configuration. */
export const connectionManagerType =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
