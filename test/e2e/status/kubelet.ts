import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { dataPathProgram } from "../datapath/program";
import { applyObjects } from "../stack/apply";
import type { Cluster } from "../stack/cluster";
import { Daemon } from "../stack/daemon";
import { pickFreePorts } from "../stack/ports";

/** A node whose kubelet forwards ports of its pods to addresses of this machine, as the API server asks it. */
export class Kubelet {
  private readonly addresses = new Map<string, string>();

  private constructor(
    private readonly table: string,
    private readonly daemon: Daemon,
  ) {}

  /** Starts the kubelet of a new node. */
  static async start(cluster: Cluster, node: string): Promise<Kubelet> {
    const [port = 0] = await pickFreePorts(1);
    const table = join(cluster.folder, `kubelet-${node}.json`);
    const daemon = await Daemon.start({
      name: `kubelet of ${node}`,
      command: await dataPathProgram(),
      args: ["kubelet", `-listen=127.0.0.1:${port}`, `-table=${table}`],
      logFile: join(cluster.folder, `kubelet-${node}.log`),
    });
    await daemon.waitUntil(daemon.name, () => Promise.resolve(daemon.log.includes("ready")), 10);
    const kubelet = new Kubelet(table, daemon);
    kubelet.write();
    await registerNode(cluster.kubeconfig, node, port);
    return kubelet;
  }

  /** Connects a port of a pod, `namespace/pod:port`, from the next request on; without an address it refuses. */
  forward(port: string, address?: string): void {
    if (address === undefined) {
      this.addresses.delete(port);
    } else {
      this.addresses.set(port, address);
    }
    this.write();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.daemon.stop();
  }

  private write(): void {
    writeFileSync(this.table, JSON.stringify(Object.fromEntries(this.addresses)));
  }
}

async function registerNode(kubeconfig: string, name: string, port: number): Promise<void> {
  await applyObjects(kubeconfig, [{ apiVersion: "v1", kind: "Node", metadata: { name } }]);
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  const body = [{ op: "add", path: "/status", value: status }];
  await config.makeApiClient(CoreV1Api).patchNodeStatus({ name, body });
}
