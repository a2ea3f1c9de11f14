import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { runCommand, type CommandResult } from "../cli/run";
import { inFolder } from "../render/temporaryFolder";

/** A proxy that the istiod of the test knows. */
export interface RecordedProxy {
  /** Resources of its configuration, as istiod prints them. */
  readonly dump: readonly object[];
  readonly type?: "sidecar" | "router" | "waypoint";
  /** What it has acknowledged; all when not given. */
  readonly acked?: string;
  readonly sent?: string;
  readonly lastError?: string;
}

/** What API server and istiod of a test answer. */
export interface RecordedCluster {
  /** Lists by the plural name of the resource. */
  readonly lists: Readonly<Record<string, readonly object[]>>;
  /** By `<pod>.<namespace>`. */
  readonly proxies: Readonly<Record<string, RecordedProxy>>;
  /** Resources that may not be listed. */
  readonly forbidden?: readonly string[];
  /** Whether istiod does not answer. */
  readonly isSilent?: boolean;
  /** Whether istiod and the proxies are reached by port-forwards, and not at an address. */
  readonly forwards?: boolean;
  /** Ports on which nothing listens in the pods. */
  readonly closedPorts?: readonly number[];
  /** What each proxy prints for Prometheus. */
  readonly stats?: string;
  /** Whether istiod is too old to have the pages. */
  readonly isOld?: boolean;
  /** Told of each configuration that is asked for, and when it is answered. */
  readonly onConfig?: (isAnswered: boolean) => void;
}

const agentCluster = "outbound|9999||sigsci-agent.sigsci.svc.cluster.local";
const typePrefix = "type.googleapis.com/envoy.config";

/** A CUSTOM policy as the component makes it. */
export function policy(target: string, app: string, changes: Record<string, unknown> = {}): object {
  return {
    metadata: {
      name: `waf-${target}`,
      namespace: "shop",
      labels: { "app.kubernetes.io/part-of": "sigsci-istio" },
      annotations: { "pulumi-sigsci-istio/component": "waf", "pulumi-sigsci-istio/target": target },
    },
    spec: {
      action: "CUSTOM",
      provider: { name: "waf-ext-authz" },
      selector: { matchLabels: { app } },
      rules: [{}],
      ...changes,
    },
  };
}

/** A running pod of a Deployment. */
export function pod(
  name: string,
  app: string,
  changes: { proxy?: boolean; spec?: object; status?: object } = {},
): object {
  const { proxy = true, spec = {}, status = {} } = changes;
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${app}-7d9` };
  return {
    metadata: {
      name,
      namespace: "shop",
      labels: { app, "pod-template-hash": "7d9" },
      ownerReferences: [owner],
    },
    spec: { containers: [{ name: app }, ...(proxy ? [{ name: "istio-proxy" }] : [])], ...spec },
    status: { phase: "Running", ...status },
  };
}

/** A Deployment in namespace shop. */
export function deployment(app: string): object {
  return {
    metadata: { name: app, namespace: "shop" },
    spec: { template: { metadata: { labels: { app } }, spec: { containers: [{ name: app }] } } },
  };
}

/** A namespace that asks for sidecars. */
export const shop = { metadata: { name: "shop", labels: { "istio-injection": "enabled" } } };

/** The filters by which a proxy asks the agent for a policy of namespace shop. */
export function policyFilters(name: string, cluster = agentCluster): object[] {
  const policies = { [`istio-ext-authz-waf-ext-authz-ns[shop]-policy[${name}]-rule[0]`]: {} };
  return [
    { name: "envoy.filters.http.rbac", typedConfig: { shadowRules: { policies } } },
    {
      name: "envoy.filters.http.ext_authz",
      typedConfig: {
        grpcService: { envoyGrpc: { clusterName: cluster } },
        failureModeAllow: true,
        filterEnabledMetadata: { filter: "envoy.filters.http.rbac" },
      },
    },
  ];
}

/** The filter by which a proxy refuses what a policy of namespace shop matches. */
export function refusingFilter(name: string): object {
  const key = `istio-ext-authz-waf-ext-authz-ns[shop]-policy[${name}]-rule[0]-deny-due-to-bad-CUSTOM-action`;
  return { name: "envoy.filters.http.rbac", typedConfig: { rules: { policies: { [key]: {} } } } };
}

/** Resources of a sidecar with these filters on its two HTTP chains, and the agent's cluster. */
export function sidecarDump(
  httpFilters: readonly object[],
  {
    addresses = ["10.0.0.9"],
    name = agentCluster,
    second = httpFilters,
    tcpPort = 0,
    httpPort = 8080,
    routeConfig = {},
  } = {},
): object[] {
  const manager = (filters: readonly object[]): object => ({
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: { httpFilters: [...filters, { name: "envoy.filters.http.router" }], routeConfig },
  });
  const chain = (chainName: string, filters: readonly object[]): object => ({
    name: chainName,
    filters: [manager(filters)],
  });
  const tcpChain = (destinationPort: number): object => ({
    filterChainMatch: { destinationPort },
    filters: [{ name: "envoy.filters.network.tcp_proxy" }],
  });
  return [
    {
      "@type": `${typePrefix}.listener.v3.Listener`,
      name: "virtualInbound",
      trafficDirection: "INBOUND",
      filterChains: [
        ...(httpPort === 0
          ? []
          : [{ ...chain("0.0.0.0_8080", httpFilters), filterChainMatch: { destinationPort: httpPort } }]),
        chain("virtualInbound-catchall-http", second),
        ...(tcpPort === 0 ? [] : [tcpChain(tcpPort)]),
      ],
    },
    {
      "@type": `${typePrefix}.listener.v3.Listener`,
      name: "0.0.0.0_80",
      trafficDirection: "OUTBOUND",
      filterChains: [chain("", [])],
    },
    { "@type": `${typePrefix}.cluster.v3.Cluster`, name, type: "EDS" },
    {
      "@type": `${typePrefix}.endpoint.v3.ClusterLoadAssignment`,
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: addresses.map((address) => ({
            endpoint: { address: { socketAddress: { address } } },
            healthStatus: "HEALTHY",
          })),
        },
      ],
    },
  ];
}

/** Runs the command against a cluster and an istiod that answer from a recording. */
export async function runStatus(
  recorded: RecordedCluster,
  [command = "status", ...args]: readonly string[],
  columns?: number,
): Promise<CommandResult> {
  return withRecordedCluster(recorded, async (flags, url) => {
    const { exitCode, out, err } = await runCommand([command, ...flags, ...args], false, columns);
    const named = (text: string): string => text.replaceAll(url, "http://cluster");
    return { exitCode, out: named(out), err: named(err) };
  });
}

/** Serves a recording while something runs, which gets the flags that lead the command there, and the address. */
export async function withRecordedCluster<T>(
  recorded: RecordedCluster,
  run: (flags: readonly string[], url: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://recorded");
    const { status, body } = answerTo(url, recorded);
    const isConfig = url.pathname.endsWith("/config_dump");
    if (isConfig) {
      recorded.onConfig?.(false);
    }
    // The answer comes a moment later, so that requests overlap as they would.
    setTimeout(() => {
      const content = typeof body === "string" ? body : JSON.stringify(body);
      response.writeHead(status, { "content-type": "application/json" }).end(content);
      if (isConfig) {
        recorded.onConfig?.(true);
      }
    }, 1);
  });
  servePortForwards(server, recorded);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return await withKubeconfig(url, (kubeconfig) =>
      run(
        ["--kubeconfig", kubeconfig, ...(recorded.forwards === true ? [] : ["--istiod", `${url}/istiod`])],
        url,
      ),
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A kubeconfig for an API server. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

async function withKubeconfig<T>(server: string, run: (path: string) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  await inFolder({ k: kubeconfigFor(server) }, async (folder) => {
    result = { value: await run(join(folder, "k")) };
  });
  if (result === undefined) {
    throw new Error("the command did not run");
  }
  return result.value;
}

/** Serves the port-forwards of the API server, as the node of a pod does: each leads back to the same server. */
function servePortForwards(server: Server, { closedPorts = [] }: RecordedCluster): void {
  const handleProtocols = (): string => "v4.channel.k8s.io";
  const sockets = new WebSocketServer({ noServer: true, handleProtocols });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const port = Number(new URL(request.url ?? "/", "http://recorded").searchParams.get("ports"));
    sockets.handleUpgrade(request, socket, head, (connection) => {
      const send = (channel: number, data: Buffer): void => {
        connection.send(Buffer.concat([Buffer.from([channel]), data]));
      };
      // The first message of a channel names the port.
      for (const channel of [0, 1]) {
        send(channel, Buffer.from([port % 256, Math.floor(port / 256)]));
      }
      if (closedPorts.includes(port)) {
        send(1, Buffer.from(`error forwarding port ${port}: connection refused`));
        connection.close();
        return;
      }
      // A server that listens on a port has such an address.
      const inPod = connect((server.address() as AddressInfo).port, "127.0.0.1");
      inPod.on("data", (data: Buffer) => {
        send(0, data);
      });
      inPod.on("close", () => {
        connection.close();
      });
      connection.on("message", (data: Buffer) => inPod.write(data.subarray(1)));
      connection.on("close", () => inPod.destroy());
    });
  });
}

function answerTo(url: URL, recorded: RecordedCluster): { status: number; body: object | string } {
  const path = url.pathname;
  if (path.startsWith("/debug/")) {
    return istiodAnswer(path, url, recorded.proxies);
  }
  if (path === "/stats/prometheus") {
    return { status: 200, body: recorded.stats ?? "" };
  }
  if (path.endsWith("/selfsubjectaccessreviews")) {
    return {
      status: 201,
      body: { status: { allowed: recorded.forbidden?.includes("portforward") !== true } },
    };
  }
  if (path.startsWith("/istiod/")) {
    if (recorded.isOld === true) {
      return { status: 404, body: {} };
    }
    return recorded.isSilent === true
      ? { status: 503, body: {} }
      : istiodAnswer(path.slice("/istiod".length), url, recorded.proxies);
  }
  const resource = path.split("/").at(-1) ?? "";
  if (recorded.forbidden?.includes(resource) === true) {
    return { status: 403, body: { message: "forbidden" } };
  }
  if (resource === "envoyfilters" && !path.includes("/v1alpha3/")) {
    return { status: 404, body: {} };
  }
  const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
  const items = (recorded.lists[resource] ?? []).filter((item) => {
    const { metadata } = item as { metadata: { namespace?: string } };
    return namespace === undefined || metadata.namespace === namespace;
  });
  return { status: 200, body: { items } };
}

function istiodAnswer(
  path: string,
  url: URL,
  proxies: RecordedCluster["proxies"],
): { status: number; body: object } {
  if (path === "/debug/mesh") {
    return { status: 200, body: { rootNamespace: "istio-system" } };
  }
  if (path === "/debug/syncz") {
    return { status: 200, body: Object.entries(proxies).map(([id, proxy]) => syncState(id, proxy)) };
  }
  if (path === "/debug/adsz") {
    const clients = Object.keys(proxies).map((id, index) => ({ connectionId: `${id}-${index + 1}` }));
    return { status: 200, body: { clients } };
  }
  // As istiod does, the first connection whose name holds the text.
  const wanted = url.searchParams.get("proxyID") ?? "";
  const found = Object.entries(proxies).find(([id], index) => `${id}-${index + 1}`.includes(wanted));
  return found === undefined ? { status: 404, body: {} } : { status: 200, body: { configs: found[1].dump } };
}

function syncState(
  proxy: string,
  { type = "sidecar", sent = "1", acked = "1", lastError }: RecordedProxy,
): object {
  const state = { sent, acked, ...(lastError !== undefined && { lastError }) };
  return {
    proxy,
    proxy_type: type,
    resources: {
      [`${typePrefix}.listener.v3.Listener`]: state,
      [`${typePrefix}.cluster.v3.Cluster`]: { sent, acked: sent },
      // Endpoints change all the time.
      [`${typePrefix}.endpoint.v3.ClusterLoadAssignment`]: { sent: "2", acked: "1" },
    },
  };
}
