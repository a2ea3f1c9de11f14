import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ApiException, CoreV1Api, KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { applyObjects } from "../stack/apply";
import { startCluster, type Cluster } from "../stack/cluster";
import { findPart } from "../stack/findPart";
import { startIstiod, type Istiod } from "../stack/istiod";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";
import { addresses, hosts, localAgent, ports } from "./addresses";
import { App } from "./app";
import { Clients } from "./client";
import { Envoy } from "./envoy";
import {
  bystanderProxy,
  gatewayProxy,
  workloadProxy,
  type PodIdentity,
  type ProxyIdentity,
} from "./envoyBootstrap";
import { meshConfig, meshObjects, podObject, podStatus, type ExtensionProvider, type Manifest } from "./mesh";
import { prepareNamespace } from "./namespace";
import { objectsFor } from "./objectsFor";
import { dataPathProgram } from "./program";
import { ask, type Answer, type Question } from "./request";
import type { Scenario } from "./scenario";
import { StubAgent } from "./stubAgent";

/** Name of the sidecar's listener for intercepted inbound traffic. */
export const inboundListener = "virtualInbound";

/** Name of the gateway's listener. */
export const gatewayListener = `0.0.0.0_${ports.gateway}`;

const adminPorts = { sidecar: 15_000, gateway: 15_100, bystander: 15_200 } as const;

// The last one is what remains of a policy whose provider is missing.
const traces = /ext_authz|ext_proc|HttpGrpcAccessLog|bad-CUSTOM-action/;

/** A mesh of one workload and one gateway with a stub agent, all running. */
export class Rig {
  private gatewayEnvoy: Envoy | undefined;
  private bystanderEnvoy: Envoy | undefined;
  private readonly otherAgents = new Map<string, StubAgent>();
  private accessLogFile = "/dev/stdout";

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly program: string,
    private readonly envoyProgram: string,
    readonly cluster: Cluster,
    readonly istiod: Istiod,
    readonly agent: StubAgent,
    readonly app: App,
    /** The sidecar of the workload. */
    readonly envoy: Envoy,
  ) {}

  /**
   * Starts everything inside the namespace that this process runs in; about 12 s.
   *
   * @param istiodEnv more environment variables of istiod
   * @param statsRegexps what of its counters the workload's Envoy exposes, as Istio's proxies do; all by default
   */
  static async start(
    istiodEnv: Readonly<Record<string, string>> = {},
    statsRegexps?: readonly string[],
  ): Promise<Rig> {
    const [program, envoyProgram] = [await dataPathProgram(), (await findPart("envoy")).path];
    prepareNamespace();
    const folder = createTemporaryFolder("datapath");
    const cluster = await startCluster({ istioCrds: true });
    const istiod = await startIstiod({ kubeconfig: cluster.kubeconfig, env: istiodEnv });
    await applyObjects(cluster.kubeconfig, meshObjects());
    for (const proxy of [workloadProxy, gatewayProxy, bystanderProxy]) {
      await runPod(cluster.kubeconfig, proxy);
    }
    const agent = new StubAgent(program, folder.path, [
      `${addresses.agent}:${ports.agent}`,
      `${localAgent}:${ports.agent}`,
    ]);
    await agent.start();
    const app = await App.start(program, folder.path);
    const envoy = await startEnvoy(envoyProgram, folder.path, workloadProxy, istiod, statsRegexps);
    await envoy.untilListener(inboundListener, "is active", () => true);
    return new Rig(folder, program, envoyProgram, cluster, istiod, agent, app, envoy);
  }

  /** The clients that make other traffic than single HTTP requests. */
  get clients(): Clients {
    return new Clients(this.program);
  }

  /** The gateway's Envoy, started when it is first asked for. */
  async gateway(): Promise<Envoy> {
    if (this.gatewayEnvoy === undefined) {
      this.gatewayEnvoy = await startEnvoy(this.envoyProgram, this.folder.path, gatewayProxy, this.istiod);
      await this.gatewayEnvoy.untilListener(gatewayListener, "is active", () => true);
    }
    return this.gatewayEnvoy;
  }

  /** The Envoy of a workload that no target names, started when it is first asked for. */
  async bystander(): Promise<Envoy> {
    this.bystanderEnvoy ??= await startEnvoy(
      this.envoyProgram,
      this.folder.path,
      bystanderProxy,
      this.istiod,
    );
    return this.bystanderEnvoy;
  }

  /** An agent at another address, started when it is first asked for. */
  async otherAgent(address: string): Promise<StubAgent> {
    const known = this.otherAgents.get(address);
    if (known !== undefined) {
      return known;
    }
    const folder = join(this.folder.path, `agent-${address}`);
    mkdirSync(folder);
    const agent = new StubAgent(this.program, folder, [`${address}:${ports.agent}`]);
    this.otherAgents.set(address, agent);
    await agent.start();
    return agent;
  }

  /** Puts a pod on its node, running and ready. */
  async runPod(identity: PodIdentity): Promise<void> {
    await runPod(this.cluster.kubeconfig, identity);
  }

  /** Sends a request to the workload's HTTP port. */
  async ask(path: string, options: Partial<Question> = {}): Promise<Answer> {
    return ask({ host: addresses.workload, port: ports.http, path, ...options });
  }

  /** Sends a request to the gateway. */
  async askGateway(path: string, options: Partial<Question> = {}): Promise<Answer> {
    return ask({ host: addresses.gateway, port: ports.gateway, path, ...options });
  }

  /** Sends a request from the workload to the backend, through the workload's own sidecar. */
  async askFromWorkload(path: string): Promise<Answer> {
    return ask({
      host: addresses.backend,
      port: ports.http,
      path,
      localAddress: addresses.workload,
      headers: { host: `${hosts.backend}:${ports.http}` },
    });
  }

  /** Puts the agent into the mesh, in the right order, and waits until the proxy works by it. */
  async apply(scenario: Scenario): Promise<void> {
    const { service, providers, objects } = await objectsFor(scenario);
    await this.put(service);
    await this.setProviders(providers);
    await this.put(objects);
    await this.untilActive(scenario);
  }

  /** Waits until the target's proxy has the whole configuration and knows a healthy agent. */
  async untilActive(scenario: Scenario): Promise<void> {
    const { marks, cluster } = await objectsFor(scenario);
    const [envoy, listener] = await this.proxyOf(scenario);
    await envoy.untilListener(listener, `has ${marks.join(" and ")}`, (configuration) =>
      marks.every((mark) => configuration.includes(mark)),
    );
    await envoy.untilHealthy(cluster);
  }

  /** Takes the agent out again, in the right order, and waits until the proxy has forgotten it. */
  async remove(scenario: Scenario): Promise<void> {
    const { service, objects } = await objectsFor(scenario);
    await this.take(objects);
    await this.untilInactive(scenario);
    await this.setProviders([]);
    // The Service is there as long as the rig.
    await this.take(service.filter(({ kind }) => kind === "ServiceEntry"));
  }

  /** Waits until the target's proxy neither asks an agent nor logs to one. */
  async untilInactive(scenario: Scenario): Promise<void> {
    const [envoy, listener] = await this.proxyOf(scenario);
    await envoy.untilListener(
      listener,
      "has forgotten the agent",
      (configuration) => !traces.test(configuration),
    );
  }

  /** Waits until the sidecar asks no agent any more, whatever it still logs. */
  async untilNotAsking(): Promise<void> {
    await this.envoy.untilListener(
      inboundListener,
      "asks no agent",
      (configuration) => !/ext_authz|ext_proc/.test(configuration),
    );
  }

  /** Replaces the mesh's list of providers. */
  async setProviders(providers: readonly ExtensionProvider[]): Promise<void> {
    await this.put([meshConfig(providers, this.accessLogFile)]);
  }

  /** Switches the mesh's own access log off or on; counts from the next {@link Rig.setProviders} on. */
  setAccessLogFile(path: string): void {
    this.accessLogFile = path;
  }

  /** Writes objects, in their order. */
  async put(objects: readonly Manifest[]): Promise<void> {
    await applyObjects(this.cluster.kubeconfig, objects);
  }

  /** Deletes objects, the last first; those that are gone already do not matter. */
  async take(objects: readonly Manifest[]): Promise<void> {
    const api = KubernetesObjectApi.makeApiClient(configOf(this.cluster.kubeconfig));
    for (const object of [...objects].reverse()) {
      try {
        await api.delete(object);
      } catch (error) {
        if (!(error instanceof ApiException && error.code === 404)) {
          throw error;
        }
      }
    }
  }

  /** A fresh start for a test: the agent runs, is well and has seen nothing. */
  async reset(): Promise<void> {
    if (!this.agent.isRunning) {
      await this.agent.start();
    }
    await this.agent.behave({ mode: "ok" });
    await this.agent.reset();
    await this.app.reset();
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    await this.gatewayEnvoy?.stop();
    await this.bystanderEnvoy?.stop();
    for (const agent of this.otherAgents.values()) {
      await agent.stop();
    }
    await this.envoy.stop();
    await this.app.stop();
    await this.agent.stop();
    await this.istiod.stop();
    await this.cluster.stop();
    this.folder.remove();
  }

  private async proxyOf(scenario: Scenario): Promise<[Envoy, string]> {
    return scenario.target === "gateway"
      ? [await this.gateway(), gatewayListener]
      : [this.envoy, inboundListener];
  }
}

async function startEnvoy(
  program: string,
  folder: string,
  proxy: ProxyIdentity,
  istiod: Istiod,
  statsRegexps?: readonly string[],
): Promise<Envoy> {
  const adminPort = adminPorts[proxy.role];
  return Envoy.start({
    program,
    folder,
    proxy,
    adminPort,
    istiodGrpcPort: istiod.ports.grpc,
    statsRegexps,
  });
}

/** What scheduler and kubelet would do: istiod takes a pod for a proxy only when it has an address. */
async function runPod(kubeconfig: string, identity: PodIdentity): Promise<void> {
  await applyObjects(kubeconfig, [podObject(identity)]);
  const api = configOf(kubeconfig).makeApiClient(CoreV1Api);
  const { pod: name, namespace, address } = identity;
  const body = [{ op: "add", path: "/status", value: podStatus(identity) }];
  const written = await api.patchNamespacedPodStatus({ name, namespace, body });
  assert.equal(written.status?.podIP, address);
}

function configOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
