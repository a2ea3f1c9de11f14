import { isRecord } from "../pulumi/inputs";
import { at, listAt, numberAt, textAt } from "../kubernetes/liveObject";
import { checkFilters, checksOf, type ExternalCheck } from "../kubernetes/externalChecks";

/** What a filter of a proxy asks an agent. */
export interface ProxyCheck extends ExternalCheck {
  /** Keys of the rules that send requests to it; undefined when no CUSTOM policy made it. */
  readonly rules: readonly string[] | undefined;
}

/** The HTTP filters of one filter chain, as far as they matter for inspection. */
export interface HttpChain {
  readonly listener: string;
  /** Undefined where the chain has no name, as on gateways. */
  readonly name: string | undefined;
  readonly checks: readonly ProxyCheck[];
  /** Keys of the rules of CUSTOM policies that refuse every request, as istiod cannot ask their provider. */
  readonly refusing: readonly string[];
  /** Whether the checks are switched off for all its routes. */
  readonly isOff: boolean;
  /** Virtual hosts and routes for which they are switched off. */
  readonly routesOff: readonly string[];
  /** The port whose requests it takes; undefined where it takes those of no port of its own. */
  readonly port: number | undefined;
}

/** What of a proxy's configuration matters for inspection. */
export interface ProxyConfig {
  /** Chains of the listeners through which requests come to what the proxy stands for. */
  readonly chains: readonly HttpChain[];
  /** Ports that it takes for TCP, of a gateway with the names in TLS: no HTTP filter sees their requests. */
  readonly tcpPorts: readonly string[];
  /** Whether it takes each port of the workload for TCP. */
  readonly isTcpOnly: boolean;
  /** Addresses that may be used, by cluster, of those that its filters ask. */
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
}

/** As what a proxy runs. Source: Istio, pkg/model, `NodeType`. */
export type ProxyType = "sidecar" | "router" | "waypoint";

const connectionManager = "envoy.filters.network.http_connection_manager";
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
  const chains = inbound.flatMap((listener) => filterChains(listener).map((chain) => ({ listener, chain })));
  const routes = new Map(resources("RouteConfiguration").map((one) => [textAt(one, "name"), one]));
  const http = chains.flatMap(({ listener, chain }) =>
    httpChain(textAt(listener, "name") ?? "", chain, routes),
  );
  const httpPorts = new Set(http.map(({ port }) => port));
  const asked = new Set(http.flatMap(({ checks }) => checks.map(({ cluster }) => cluster)));
  // Where istiod does not know the protocol, a port has chains of both kinds, and the proxy looks at the bytes.
  const tcp = chains
    .filter(({ chain }) => isTcp(chain) && !httpPorts.has(portOf(chain) ?? 0))
    .flatMap(({ listener, chain }) => tcpPort(type === "router" ? listener : undefined, chain));
  return {
    chains: http,
    tcpPorts: [...new Set(tcp)],
    isTcpOnly: tcp.length > 0 && http.every(({ port }) => port === undefined) && type === "sidecar",
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

function isTcp(chain: unknown): boolean {
  return managerOf(chain) === undefined && textAt(chain, "name")?.endsWith("-blackhole") !== true;
}

function portOf(chain: unknown): number | undefined {
  return numberAt(chain, "filterChainMatch", "destinationPort");
}

/** The port of a chain, or of its listener, where that is given. */
function tcpPort(listener: unknown, chain: unknown): string[] {
  const port = portOf(chain) ?? numberAt(listener, "address", "socketAddress", "portValue");
  const names = listAt(chain, "filterChainMatch", "serverNames").map(String);
  return port === undefined ? [] : [names.length === 0 ? `${port}` : `${port} (${names.join(", ")})`];
}

type Routes = ReadonlyMap<string | undefined, unknown>;

function httpChain(listener: string, chain: unknown, routes: Routes): HttpChain[] {
  const manager = managerOf(chain);
  if (manager === undefined) {
    return [];
  }
  const checks: ProxyCheck[] = [];
  const refusing: string[] = [];
  // Whether each check is switched off in its own place.
  const off: boolean[] = [];
  let rules: string[] = [];
  for (const filter of listAt(manager, "typedConfig", "httpFilters")) {
    const config = at(filter, "typedConfig");
    if (textAt(filter, "name") === rbac) {
      rules = policyKeys(config, "shadowRules");
      refusing.push(...policyKeys(config, "rules").filter((key) => key.endsWith(refusalSuffix)));
    } else {
      // Istio lets the filter read what its own RBAC filter just before has decided.
      const isOfPolicy = textAt(config, "filterEnabledMetadata", "filter") === rbac;
      for (const check of checksOf(filter)) {
        off.push(at(filter, "disabled") === true || check.percent === 0);
        checks.push({ ...check, rules: isOfPolicy ? rules : undefined });
      }
    }
  }
  const config = at(manager, "typedConfig");
  const { isOff, routesOff } = switchedOff(
    at(config, "routeConfig") ?? routes.get(textAt(config, "rds", "routeConfigName")),
  );
  return [
    {
      listener,
      name: textAt(chain, "name"),
      checks: isOff ? [] : checks.filter((_, index) => off[index] !== true),
      refusing,
      isOff: isOff || off.includes(true),
      routesOff,
      port: portOf(chain),
    },
  ];
}

/** An EnvoyFilter of somebody else can switch a filter off for routes, virtual hosts, or all of them. */
function switchedOff(routeConfig: unknown): Pick<HttpChain, "isOff" | "routesOff"> {
  const isOffAt = (one: unknown): boolean =>
    Object.keys(checkFilters).some((filter) => at(one, "typedPerFilterConfig", filter, "disabled") === true);
  const hosts = listAt(routeConfig, "virtualHosts");
  const parts = hosts.flatMap((host) => (isOffAt(host) ? [host] : listAt(host, "routes")));
  const off = parts.filter(isOffAt);
  return {
    isOff: isOffAt(routeConfig) || (off.length > 0 && off.length === parts.length),
    routesOff: [...new Set(off.map((one) => textAt(one, "name") ?? "without a name"))],
  };
}

function policyKeys(config: unknown, field: string): string[] {
  const policies = at(config, field, "policies");
  return isRecord(policies) ? Object.keys(policies) : [];
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
