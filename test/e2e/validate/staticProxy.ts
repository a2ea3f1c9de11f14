import assert from "node:assert/strict";
import type {
  ConfigPatch,
  EnvoyFilterSpec,
  EnvoyValue,
} from "../../../src/enforcement/envoyFilter/envoyFilterTypes";
import {
  connectionManager,
  connectionManagerType,
} from "../../../src/enforcement/envoyFilter/envoyFilterTypes";

/** Where the proxy listens and where its peers are, all on 127.0.0.1. */
export interface ProxyPorts {
  readonly listener: number;
  /** Where tunnels are opened. */
  readonly tunnel: number;
  readonly admin: number;
  readonly app: number;
  readonly agent: number;
}

interface Filter {
  readonly name: string;
  readonly value: EnvoyValue;
}

const router = "envoy.filters.http.router";

/** Opens tunnels, as the listener does through which HBONE comes. */
const tunnel = {
  match: { connect_matcher: {} },
  route: { cluster: "app", upgrade_configs: [{ upgrade_type: "CONNECT", connect_config: {} }] },
};

/**
 * The bootstrap of an Envoy in front of an application, with a listener for requests and one for tunnels, changed by an
 * EnvoyFilter in the way in which istiod changes what it makes. It stands in for istiod where only Envoy is to judge.
 */
export function staticProxy(spec: EnvoyFilterSpec, ports: ProxyPorts): object {
  const patches = spec.configPatches;
  return {
    admin: { address: address(ports.admin) },
    layered_runtime: { layers: [{ name: "admin", admin_layer: {} }] },
    static_resources: {
      listeners: [
        listener("virtualInbound", ports.listener, patches, [
          { name: "default", match: { prefix: "/" }, route: { cluster: "app", timeout: "0s" } },
        ]),
        listener("connect_terminate", ports.tunnel, patches, [tunnel]),
      ],
      clusters: [
        cluster("app", ports.app),
        ...serviceClusters(patches, ports.agent),
        ...valuesOf(patches, "CLUSTER", "ADD"),
      ],
    },
  };
}

function listener(
  name: string,
  port: number,
  patches: readonly ConfigPatch[],
  routes: readonly object[],
): object {
  const config = { "@type": connectionManagerType, ...manager(name, patches, routes) };
  return {
    name,
    address: address(port),
    filter_chains: [{ filters: [{ name: connectionManager, typed_config: config }] }],
  };
}

function manager(
  listenerName: string,
  patches: readonly ConfigPatch[],
  routes: readonly object[],
): EnvoyValue {
  const merged = valuesOf(patches, "NETWORK_FILTER", "MERGE").map((value) => {
    assert.equal(value.name, connectionManager);
    return record(value.typed_config);
  });
  const logs = merged.flatMap(({ access_log: log = [] }) => {
    assert.ok(Array.isArray(log));
    return log as unknown[]; // Array.isArray gives any[]
  });
  const http2 = merged.find((config) => config.http2_protocol_options !== undefined);
  return {
    stat_prefix: "inbound",
    normalize_path: true,
    access_log: logs,
    ...(http2 && { http2_protocol_options: http2.http2_protocol_options }),
    http_filters: httpFilters(listenerName, patches).map(({ value }) => value),
    ...(routes.includes(tunnel) && { upgrade_configs: [{ upgrade_type: "CONNECT" }] }),
    route_config: { virtual_hosts: [{ name: "inbound|http|8080", domains: ["*"], routes }] },
  };
}

function httpFilters(listenerName: string, patches: readonly ConfigPatch[]): Filter[] {
  const type = "type.googleapis.com/envoy.extensions.filters.http";
  const filters: Filter[] = [
    { name: "envoy.filters.http.cors", value: typed("envoy.filters.http.cors", `${type}.cors.v3.Cors`) },
    { name: router, value: typed(router, `${type}.router.v3.Router`) },
  ];
  for (const { applyTo, match, patch } of patches) {
    const { name = listenerName, filterChain } = match?.listener ?? {};
    if (applyTo !== "HTTP_FILTER" || name !== listenerName) {
      continue;
    }
    const neighbour = filterChain?.filter.subFilter?.name;
    if (patch.operation === "REMOVE") {
      assert.ok(filters.some((filter) => filter.name === neighbour));
      filters.splice(0, filters.length, ...filters.filter((filter) => filter.name !== neighbour));
      continue;
    }
    const at = neighbour === undefined ? 0 : filters.findIndex(({ name }) => name === neighbour);
    assert.notEqual(at, -1, `no HTTP filter ${neighbour}`);
    filters.splice(at, 0, { name: String(patch.value.name), value: patch.value });
  }
  return filters;
}

/** The clusters of Services that istiod would have made. */
function serviceClusters(patches: readonly ConfigPatch[], port: number): object[] {
  const names = JSON.stringify(patches).match(/outbound\|\d+\|\|[^"]+/g) ?? [];
  return [...new Set(names)].map((name) => ({
    ...cluster(name, port),
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
  }));
}

function cluster(name: string, port: number): object {
  const endpoint = { address: address(port) };
  return {
    name,
    type: "STATIC",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

function valuesOf(
  patches: readonly ConfigPatch[],
  applyTo: ConfigPatch["applyTo"],
  operation: ConfigPatch["patch"]["operation"],
): EnvoyValue[] {
  return patches
    .filter((one) => one.applyTo === applyTo)
    .map(({ patch }) => {
      assert.ok(patch.operation !== "REMOVE" && patch.operation === operation);
      return patch.value;
    });
}

function typed(name: string, type: string): EnvoyValue {
  return { name, typed_config: { "@type": type } };
}

function address(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

function record(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === "object" && value !== null);
  return { ...value };
}
