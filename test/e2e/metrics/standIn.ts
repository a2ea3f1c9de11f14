import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Rig } from "../datapath/rig";
import { attackMarker } from "../datapath/stubAgent";

const pauseMs = 40;

/**
 * Traffic to the workload, and a stand-in for the two exporters that the rig lacks: Istio's own metrics filter, which a
 * vanilla Envoy does not have, counts the answers that the client gets here; kube-state-metrics says whether the agent
 * runs.
 */
export class Traffic {
  private readonly answers = new Map<number, number>();
  private isRunning = true;
  /** Whether kube-state-metrics sees an available pod of the agent. */
  agentAvailable = true;
  /** One of so many requests is an attack; none when it is 0. */
  attackEvery = 10;

  private constructor(
    private readonly rig: Rig,
    private readonly server: Server,
  ) {}

  /** Starts sending. */
  static async start(rig: Rig): Promise<Traffic> {
    const server = createServer();
    const traffic = new Traffic(rig, server);
    server.on("request", (_request, response) => {
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(traffic.metrics());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    traffic.done = traffic.send();
    return traffic;
  }

  private done: Promise<void> = Promise.resolve();

  /** Where the stand-in exposes its series. */
  get port(): number {
    // A listening TCP server has such an address.
    return (this.server.address() as AddressInfo).port;
  }

  /** Stops sending and exposing. */
  async stop(): Promise<void> {
    this.isRunning = false;
    await this.done;
    this.server.close();
    this.server.closeAllConnections();
  }

  private async send(): Promise<void> {
    for (let sent = 1; this.isRunning; sent++) {
      const isAttack = this.attackEvery > 0 && sent % this.attackEvery === 0;
      const { status } = await this.rig.ask(isAttack ? `/shop/${attackMarker}` : "/shop");
      this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
      await delay(pauseMs);
    }
  }

  private metrics(): string {
    const own = [...this.answers].map(([status, count]) => {
      const flags = status === 200 ? "-" : "UAEX";
      const labels = `namespace="shop",pod="web-0",reporter="destination",destination_app="web"`;
      return `istio_requests_total{${labels},response_code="${status}",response_flags="${flags}"} ${count}`;
    });
    const available = this.agentAvailable ? 1 : 0;
    const deployment = 'namespace="sigsci",deployment="sigsci-agent"';
    return [
      "# TYPE istio_requests_total counter",
      ...own,
      "# TYPE kube_deployment_status_replicas_available gauge",
      `kube_deployment_status_replicas_available{${deployment}} ${available}`,
      "",
    ].join("\n");
  }
}
