import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import type { PodProcesses } from "../../lifecycle/podNode";
import { localAgent, ports } from "../addresses";
import { addPodNetwork } from "../namespace";
import { StubAgent } from "../stubAgent";

/** Time that a container takes until its agent listens, in milliseconds: who does not wait for it is refused. */
const startMs = 1000;

/** The agents' pods: each runs a stub agent on an address of its own. */
export class AgentPods implements PodProcesses {
  readonly address = (number: number): string => `10.244.1.${number}`;
  private readonly agents = new Map<string, StubAgent>();

  /**
   * @param program path of the peers' program
   * @param folder folder for logs and control sockets
   * @param journal file that gets a line for each Check of a numbered request
   */
  constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly journal: string,
  ) {
    addPodNetwork("10.244.1.0/24");
  }

  async start(pod: V1Pod, address: string): Promise<void> {
    await delay(startMs);
    await this.startAgent(pod.metadata?.name ?? "", address, servicesOf(pod));
  }

  /** Starts the agent that the workload has in its own pod. */
  async startInPod(): Promise<void> {
    await this.startAgent("in-pod", localAgent);
  }

  private async startAgent(name: string, address: string, serves?: "ext_authz" | "ext_proc"): Promise<void> {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    const agent = new StubAgent(this.program, folder, [`${address}:${ports.agent}`], this.journal, serves);
    await agent.start();
    this.agents.set(name, agent);
  }

  async stop(pod: V1Pod): Promise<void> {
    const name = pod.metadata?.name ?? "";
    await delay(preStopSeconds(pod) * 1000);
    await this.agents.get(name)?.stop();
    this.agents.delete(name);
  }

  /** Ends those that still run. */
  async stopAll(): Promise<void> {
    for (const agent of this.agents.values()) {
      await agent.stop();
    }
    this.agents.clear();
  }
}

/**
 * What the agent of a pod serves. Whether the real one serves both at once is not documented, so that the stub does not:
 * a rollout has to do without.
 */
function servicesOf(pod: V1Pod): "ext_authz" | "ext_proc" {
  const environment = pod.spec?.containers[0]?.env ?? [];
  const enabled = environment.some(
    ({ name, value }) => name === "SIGSCI_ENVOY_EXTPROC_ENABLED" && value === "true",
  );
  return enabled ? "ext_proc" : "ext_authz";
}

/** Seconds that the pod's preStop hook sleeps; the product has no other hook. */
function preStopSeconds(pod: V1Pod): number {
  const command = pod.spec?.containers[0]?.lifecycle?.preStop?.exec?.command;
  if (command === undefined) {
    return 0;
  }
  const [program, seconds] = command;
  if (program !== "sleep" || command.length !== 2) {
    throw new Error(`unknown hook: ${command.join(" ")}`);
  }
  return Number(seconds);
}
