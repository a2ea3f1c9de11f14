import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Enforcement } from "../../../src";
import { statsRegexps } from "../../../src/observability/proxyStats";
import { addresses, hosts, localAgent, ports } from "../datapath/addresses";
import { App } from "../datapath/app";
import { Envoy } from "../datapath/envoy";
import { gatewayProxy, nodes, workloadProxy, type ProxyIdentity } from "../datapath/envoyBootstrap";
import { meshConfig, meshObjects, type ExtensionProvider, type Manifest } from "../datapath/mesh";
import { addPodNetwork, prepareNamespace } from "../datapath/namespace";
import { dataPathProgram } from "../datapath/program";
import { gatewayListener, inboundListener } from "../datapath/rig";
import { StubAgent } from "../datapath/stubAgent";
import { applyObjects } from "../stack/apply";
import type { ClusterUser } from "../stack/apiServer";
import { startCluster, type Cluster } from "../stack/cluster";
import { findPart } from "../stack/findPart";
import { startIstiod, type Istiod } from "../stack/istiod";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";
import { deleteObject, runPod } from "./clusterObjects";
import { Kubelet } from "./kubelet";
import { deploymentOf, istiodPod, plainPod, proxyPod, replicaSet, writeReplicaSet } from "./pods";

const debugPort = 15_014;
const statsPort = 15_020;

/** The pods of Deployment `web`, each with an Envoy. */
export const webProxies: readonly ProxyIdentity[] = [0, 1, 2].map((number) => ({
  ...workloadProxy,
  pod: `web-${number}`,
  address: number === 0 ? addresses.workload : `10.244.1.${number}`,
}));

/** By its label the injector puts the proxy into its pods. */
const gateway: ProxyIdentity = {
  ...gatewayProxy,
  labels: { ...gatewayProxy.labels, "sidecar.istio.io/inject": "true" },
};

/**
 * A mesh that the status command looks at: pods with Envoys, an istiod in a pod, and a kubelet that forwards their ports.
 * The Envoys share their ports, so a request reaches any of them.
 */
export class StatusRig {
  private readonly istiods = new Map<string, Istiod>();
  private readonly envoys = new Map<string, Envoy>();
  private lastAdminPort = 15_300;

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly envoyProgram: string,
    readonly cluster: Cluster,
    readonly kubelet: Kubelet,
    readonly agent: StubAgent,
    private readonly app: App,
  ) {}

  /** Starts everything inside the namespace that this process runs in; about 15 s. */
  static async start(users: readonly ClusterUser[]): Promise<StatusRig> {
    const [program, envoyProgram] = [await dataPathProgram(), (await findPart("envoy")).path];
    prepareNamespace();
    addPodNetwork("10.244.1.0/24");
    const folder = createTemporaryFolder("status");
    const cluster = await startCluster({ istioCrds: true, users });
    const kubelet = await Kubelet.start(cluster, nodes.first);
    const agent = new StubAgent(program, folder.path, [
      `${addresses.agent}:${ports.agent}`,
      `${localAgent}:${ports.agent}`,
    ]);
    await agent.start();
    const app = await App.start(program, folder.path);
    const rig = new StatusRig(folder, envoyProgram, cluster, kubelet, agent, app);
    await rig.startIstiod("istiod-a");
    await rig.put([
      ...meshObjects(),
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "shop", labels: { "istio-injection": "enabled" } },
      },
    ]);
    await rig.runWorkload("web", webProxies);
    await rig.runWorkload("istio-ingressgateway", [gateway]);
    return rig;
  }

  /** Starts an istiod, with a pod that stands for it. */
  async startIstiod(pod: string): Promise<void> {
    const istiod = await startIstiod({
      kubeconfig: this.cluster.kubeconfig,
      // As Istio's chart sets it: only so does it pass over what is meant for another revision.
      env: { REVISION: "default" },
    });
    this.istiods.set(pod, istiod);
    await runPod(this.cluster.kubeconfig, istiodPod(pod), "127.0.0.1");
    this.reconnect(pod);
  }

  /** Lets the port of an istiod's pod refuse connections. */
  cutOff(istiod: string): void {
    this.kubelet.forward(`istio-system/${istiod}:${debugPort}`);
  }

  /** Lets the port of an istiod's pod answer. */
  reconnect(istiod: string): void {
    const port = this.istiods.get(istiod)?.ports.monitoring ?? 0;
    this.kubelet.forward(`istio-system/${istiod}:${debugPort}`, `127.0.0.1:${port}`);
  }

  /** The address of an istiod's debug pages. */
  istiodUrl(pod: string): string {
    return this.istiods.get(pod)?.http ?? "";
  }

  /** Runs a Deployment with these pods, and an Envoy for each. */
  async runWorkload(name: string, proxies: readonly ProxyIdentity[], istiod = "istiod-a"): Promise<void> {
    for (const proxy of proxies) {
      await this.startEnvoy(proxy, istiod);
    }
    await this.runPods(name, proxies, proxyPod);
  }

  /** Puts a Deployment and its pods into the cluster, without Envoys. */
  async runPods(
    name: string,
    proxies: readonly ProxyIdentity[],
    podOf: (proxy: ProxyIdentity) => Manifest,
  ): Promise<void> {
    const [first] = proxies;
    if (first === undefined) {
      throw new Error(`workload ${name} has no pod`);
    }
    const [{ labels, namespace }, { kubeconfig }] = [first, this.cluster];
    await this.put([deploymentOf(name, namespace, labels)]);
    const owner = await writeReplicaSet(kubeconfig, name, namespace, labels);
    for (const proxy of proxies) {
      const { metadata, ...rest } = podOf(proxy);
      await runPod(kubeconfig, { ...rest, metadata: { ...metadata, ...owner } }, proxy.address);
    }
  }

  /** Takes a Deployment and its pods out of the cluster. */
  async removePods(name: string, proxies: readonly ProxyIdentity[]): Promise<void> {
    const [{ labels, namespace } = workloadProxy] = proxies;
    const owners = [deploymentOf(name, namespace, labels), replicaSet(name, namespace, labels)];
    await this.take([...owners, ...proxies.map(plainPod)]);
  }

  /** Ends the Envoy of a pod. */
  async stopEnvoy(pod: string): Promise<void> {
    await this.envoys.get(pod)?.stop();
    this.envoys.delete(pod);
  }

  /** Replaces the mesh's list of providers. */
  async setProviders(providers: readonly ExtensionProvider[]): Promise<void> {
    await this.put([meshConfig(providers)]);
  }

  /** Writes objects, in their order. */
  async put(objects: readonly Manifest[]): Promise<void> {
    await applyObjects(this.cluster.kubeconfig, objects);
  }

  /** Deletes objects, the last first. */
  async take(objects: readonly Manifest[]): Promise<void> {
    for (const object of [...objects].reverse()) {
      await deleteObject(this.cluster.kubeconfig, object);
    }
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    for (const envoy of this.envoys.values()) {
      await envoy.stop();
    }
    await this.app.stop();
    await this.agent.stop();
    for (const istiod of this.istiods.values()) {
      await istiod.stop();
    }
    await this.kubelet.stop();
    await this.cluster.stop();
    this.folder.remove();
  }

  /** Starts the Envoy of a pod; it has its listeners when this returns. */
  async startEnvoy(proxy: ProxyIdentity, istiod = "istiod-a"): Promise<void> {
    const folder = join(this.folder.path, proxy.pod);
    mkdirSync(folder, { recursive: true });
    this.lastAdminPort += 1;
    const adminPort = this.lastAdminPort;
    const istiodGrpcPort = this.istiods.get(istiod)?.ports.grpc ?? 0;
    const envoy = await Envoy.start({
      program: this.envoyProgram,
      folder,
      proxy,
      adminPort,
      istiodGrpcPort,
      // A gateway exposes what Istio's default does, the others what the component's own configuration adds.
      statsRegexps:
        proxy.role === "gateway"
          ? []
          : Object.values(Enforcement).flatMap((one) =>
              statsRegexps(`outbound|${ports.agent}||${hosts.agent}`, one),
            ),
    });
    this.envoys.set(proxy.pod, envoy);
    this.kubelet.forward(`${proxy.namespace}/${proxy.pod}:${statsPort}`, `127.0.0.1:${adminPort}`);
    const listener = proxy.role === "gateway" ? gatewayListener : inboundListener;
    await envoy.untilListener(listener, "is active", () => true);
  }
}
