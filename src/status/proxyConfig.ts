import { isRecord } from "../pulumi/inputs";
import { at, listAt, numberAt, textAt } from "../kubernetes/liveObject";

/** A filter of a proxy that asks an external authorizer. */
export interface ExtAuthz {
  /** The cluster that it asks. */
  readonly cluster: string;
  /** Whether a request passes when that does not answer. */
  readonly failOpen: boolean;
  /** Names of the fields of its configuration that are not at their default. */
  readonly fields: readonly string[];
  /** Keys of the rules that send requests to it; undefined when no CUSTOM policy made it. */
  readonly rules: readonly string[] | undefined;
}

/** The HTTP filters of one filter chain, as far as they matter for inspection. */
export interface HttpChain {
  readonly listener: string;
  /** Undefined where the chain has no name, as on gateways. */
  readonly name: string | undefined;
  readonly checks: readonly ExtAuthz[];
  /** Keys of the rules of CUSTOM policies that refuse every request, as istiod cannot ask their provider. */
  readonly refusing: readonly string[];
}

/** What of a proxy's configuration matters for inspection. */
export interface ProxyConfig {
  /** Chains of the listeners through which requests come to what the proxy stands for. */
  readonly chains: readonly HttpChain[];
  /** Ports that it takes for TCP: no HTTP filter sees their requests. */
  readonly tcpPorts: readonly number[];
  /** Addresses that may be used, by cluster, of those that its filters ask. */
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
}

/** As what a proxy runs. Source: Istio, pkg/model, `NodeType`. */
export type ProxyType = "sidecar" | "router" | "waypoint";

const connectionManager = "envoy.filters.network.http_connection_manager";
const extAuthz = "envoy.filters.http.ext_authz";
const rbac = "envoy.filters.http.rbac";
// Tunnels: what comes through them is checked by the listener behind.
const tunnels = new Set(["connect_terminate", "connect_originate"]);
// Source: Istio, pilot/pkg/security/authz/builder/extauthz.go.
const refusalSuffix = "-deny-due-to-bad-CUSTOM-action";

/** An answer of istiod that is no configuration in the shape of Istio 1.27 to 1.31. */
export class UnknownShape extends Error {}

/**
 * Reads a proxy's configuration as istiod's `/debug/config_dump?types=LDS,CDS,EDS` prints it.
 *
 * @throws UnknownShape
 */
export function readProxyConfig(dump: unknown, type: ProxyType): ProxyConfig {
  const resources = (kind: string): unknown[] =>
    listAt(dump, "configs").filter((one) => textAt(one, "@type")?.endsWith(`.${kind}`) === true);
  const listeners = resources("Listener");
  if (listeners.length === 0 && resources("Cluster").length === 0) {
    throw new UnknownShape("istiod prints no listeners and clusters of the proxy");
  }
  const inbound = listeners.filter((listener) => isInbound(listener, type));
  const chains = inbound.flatMap((listener) =>
    filterChains(listener).map((chain) => ({ listener: textAt(listener, "name") ?? "", chain })),
  );
  const http = chains.flatMap(({ listener, chain }) => httpChain(listener, chain));
  const asked = new Set(http.flatMap(({ checks }) => checks.map(({ cluster }) => cluster)));
  return {
    chains: http,
    tcpPorts: [...new Set(chains.flatMap(({ chain }) => tcpPort(chain)))].sort((a, b) => a - b),
    endpoints: endpointsIn(asked, resources("Cluster"), resources("ClusterLoadAssignment")),
  };
}

function isInbound(listener: unknown, type: ProxyType): boolean {
  if (tunnels.has(textAt(listener, "name") ?? "")) {
    return false;
  }
  return type === "router" || textAt(listener, "trafficDirection") === "INBOUND";
}

function filterChains(listener: unknown): unknown[] {
  const last = at(listener, "defaultFilterChain");
  return [...listAt(listener, "filterChains"), ...(last === undefined ? [] : [last])];
}

function managerOf(chain: unknown): unknown {
  return listAt(chain, "filters").find((filter) => textAt(filter, "name") === connectionManager);
}

function tcpPort(chain: unknown): number[] {
  const port = numberAt(chain, "filterChainMatch", "destinationPort");
  const isBlackhole = textAt(chain, "name")?.endsWith("-blackhole") === true;
  return port === undefined || isBlackhole || managerOf(chain) !== undefined ? [] : [port];
}

function httpChain(listener: string, chain: unknown): HttpChain[] {
  const manager = managerOf(chain);
  if (manager === undefined) {
    return [];
  }
  const checks: ExtAuthz[] = [];
  const refusing: string[] = [];
  let rules: string[] = [];
  for (const filter of listAt(manager, "typedConfig", "httpFilters")) {
    const config = at(filter, "typedConfig");
    if (textAt(filter, "name") === rbac) {
      rules = policyKeys(config, "shadowRules");
      refusing.push(...policyKeys(config, "rules").filter((key) => key.endsWith(refusalSuffix)));
    } else if (textAt(filter, "name") === extAuthz) {
      // Istio lets the filter read what its own RBAC filter just before has decided.
      const isOfPolicy = textAt(config, "filterEnabledMetadata", "filter") === rbac;
      checks.push({
        cluster: clusterOf(config),
        failOpen: at(config, "failureModeAllow") === true,
        fields: isRecord(config) ? Object.keys(config) : [],
        rules: isOfPolicy ? rules : undefined,
      });
    }
  }
  return [{ listener, name: textAt(chain, "name"), checks, refusing }];
}

function policyKeys(config: unknown, field: string): string[] {
  const policies = at(config, field, "policies");
  return isRecord(policies) ? Object.keys(policies) : [];
}

function clusterOf(config: unknown): string {
  const service = at(config, "grpcService");
  return (
    textAt(service, "envoyGrpc", "clusterName") ??
    textAt(service, "googleGrpc", "targetUri") ??
    textAt(config, "httpService", "serverUri", "cluster") ??
    ""
  );
}

/** Addresses of each cluster that are not known to be ill; a cluster without any has an empty list. */
function endpointsIn(
  asked: ReadonlySet<string>,
  clusters: readonly unknown[],
  assignments: readonly unknown[],
): ReadonlyMap<string, readonly string[]> {
  const all = [
    ...clusters.map((cluster) => ({ name: textAt(cluster, "name"), from: at(cluster, "loadAssignment") })),
    ...assignments.map((from) => ({ name: textAt(from, "clusterName"), from })),
  ];
  const known = new Set(clusters.map((cluster) => textAt(cluster, "name")));
  const found = new Map<string, readonly string[]>();
  for (const { name, from } of all) {
    // istiod may still print the endpoints of a cluster that the proxy no longer has.
    if (name !== undefined && asked.has(name) && known.has(name)) {
      found.set(name, usableAddresses(from));
    }
  }
  return found;
}

function usableAddresses(assignment: unknown): string[] {
  return listAt(assignment, "endpoints")
    .flatMap((group) => listAt(group, "lbEndpoints"))
    .filter((one) => ["HEALTHY", "UNKNOWN"].includes(textAt(one, "healthStatus") ?? "UNKNOWN"))
    .map((one) => textAt(one, "endpoint", "address", "socketAddress", "address") ?? "");
}
