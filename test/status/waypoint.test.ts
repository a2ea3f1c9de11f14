import assert from "node:assert/strict";
import type { StatusReport } from "../../src/status/report";
import { deployment, pod, policy, policyFilters, runStatus, sidecarDump } from "./recordedCluster";

const namespace = {
  metadata: {
    name: "shop",
    labels: { "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint" },
  },
};
const gateway = {
  metadata: { name: "waypoint", namespace: "shop", labels: { "istio.io/waypoint-for": "service" } },
  spec: {
    gatewayClassName: "istio-waypoint",
    listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
  },
};
const waypoint = {
  metadata: {
    name: "waypoint-0",
    namespace: "shop",
    labels: { "gateway.networking.k8s.io/gateway-name": "waypoint" },
  },
  spec: { containers: [{ name: "istio-proxy", args: ["proxy", "waypoint"] }] },
  status: { phase: "Running" },
};
const byGateway = { group: "gateway.networking.k8s.io", kind: "Gateway", name: "waypoint" };
const byService = { group: "", kind: "Service", name: "web" };

const service = (name: string): object => ({
  metadata: { name, namespace: "shop" },
  spec: { selector: { app: name }, ports: [{ port: 8080 }] },
});

const chainOf = (app: string): string => `inbound-vip|8080|http|${app}.shop.svc.cluster.local`;

/** Listeners of a waypoint with these filters on the chains of each Service, as istiod 1.31 prints them. */
function dump(filtersOf: Readonly<Record<string, readonly object[]>>): object[] {
  const manager = "envoy.filters.network.http_connection_manager";
  const chain = (name: string, httpFilters: readonly object[]): object => ({
    name,
    filters: [{ name: manager, typedConfig: { httpFilters } }],
  });
  const listener = (name: string, rest: object): object => ({
    "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
    name,
    ...rest,
  });
  return [
    listener("connect_terminate", { filterChains: [chain("default", [])] }),
    listener("main_internal", {
      trafficDirection: "INBOUND",
      internalListener: {},
      filterChains: [
        ...["web", "backend"].map((app) => chain(chainOf(app), filtersOf[app] ?? [])),
        { name: "direct-tcp", filters: [{ name: "envoy.filters.network.tcp_proxy" }] },
        chain("direct-http", filtersOf.direct ?? []),
      ],
    }),
    listener("connect_originate", { internalListener: {} }),
    // Of a sidecar's the cluster and its endpoints, which are the same.
    ...sidecarDump([]).slice(2),
  ];
}

/** Status and findings of the workloads `web` and `backend` behind the waypoint. */
async function look(
  spec: Record<string, unknown>,
  filtersOf: Readonly<Record<string, readonly object[]>>,
): Promise<[number, ...string[][]]> {
  const apps = ["web", "backend"];
  const recorded = {
    lists: {
      namespaces: [namespace],
      gateways: [gateway],
      services: apps.map(service),
      deployments: apps.map(deployment),
      pods: [...apps.map((app) => pod(`${app}-7d9-a`, app, { proxy: false })), waypoint],
      authorizationpolicies: [policy("web", "web", { selector: undefined, ...spec })],
    },
    proxies: { "waypoint-0.shop": { dump: dump(filtersOf), type: "waypoint" as const } },
  };
  const { out, err } = await runStatus(recorded, ["status", "--json"]);
  assert.notEqual(out, "", err);
  const { workloads, exitCode } = JSON.parse(out) as StatusReport;
  const rows = apps.map((app) => {
    const row = workloads.find(({ name }) => name === app);
    return [row?.status ?? "no row", ...(row?.findings ?? []).map(({ id, text }) => `${id} | ${text}`)];
  });
  return [exitCode, ...rows];
}

describe("pulumi-sigsci-istio status of a waypoint", () => {
  const filters = policyFilters("waf-web");

  it("looks at every chain for a target that names the waypoint", async () => {
    const everywhere = { web: filters, backend: filters, direct: filters };
    assert.deepEqual(await look({ targetRefs: [byGateway] }, everywhere), [0, ["inspected"], ["inspected"]]);
    const missing = "no-policy-in-the-proxy | its proxy does not have AuthorizationPolicy shop/waf-web on ";
    const words = [`${missing}main_internal/${chainOf("backend")}`];
    assert.deepEqual(await look({ targetRefs: [byGateway] }, { ...everywhere, backend: [] }), [
      1,
      ["notInspected", ...words],
      ["notInspected", ...words],
    ]);
  });

  it("looks at the chains of a Service for a target that names it", async () => {
    const spec = { targetRefs: [byService] };
    assert.deepEqual(await look(spec, { web: filters }), [0, ["inspected"], ["untargeted"]]);
    assert.deepEqual(await look(spec, { backend: filters, direct: filters }), [
      1,
      ["notInspected", "no-policy-in-the-proxy | its proxy does not have AuthorizationPolicy shop/waf-web"],
      ["untargeted"],
    ]);
  });

  it("says that no selector reaches a waypoint", async () => {
    const [exitCode, web] = await look({ selector: { matchLabels: { app: "web" } } }, { web: filters });
    assert.deepEqual(
      [exitCode, web],
      [1, ["notInspected", "ambient-without-waypoint | ambient mode: only a waypoint can inspect"]],
    );
  });
});
