import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startControllers, type Controllers } from "../../lifecycle/controllers";
import { exampleProgram, type ExampleProgram } from "../../lifecycle/exampleProgram";
import { startPodRunner, type PodRunner } from "../../lifecycle/podRunner";
import { applyObjects, ensureNamespace } from "../../stack/apply";
import { withStack, type ProgramStack } from "../../stack/engine";
import { packedProject } from "../../stack/packed";
import { createTemporaryFolder, type TemporaryFolder } from "../../stack/temporaryFolder";
import { dataPathProgram } from "../program";
import type { Rig } from "../rig";
import type { OwnForm } from "../scenario";
import { AgentPods } from "./agentPods";
import { Journal } from "./journal";
import { Traffic } from "./traffic";

/** How the component and its pods are set up. */
export interface RolloutOptions {
  /** What happens to a request when the agent does not answer. */
  readonly failOpen: boolean;
  /** How Envoy is told. Default `AuthorizationPolicy`. */
  readonly enforcement?: OwnForm;
  /** Where the agent runs. Default `Service`. In the pod it is the same process all the time, as no pod restarts. */
  readonly placement?: "Service" | "NodeLocal" | "Sidecar";
  /** Whether the old agent goes before the new one comes, for a test that must fail. Default false. */
  readonly recreate?: boolean;
  /** Whether Kubernetes publishes the address of a new agent a second late, as a loaded cluster does. Default false. */
  readonly lateEndpoints?: boolean;
}

// Each controller may write once a second.
const slowControllers = ["--kube-api-qps=1", "--kube-api-burst=1"];

const agentNamespace = "waf-system";

// Long enough that Envoy is told of the end before the agent goes; the package's default is 30 s.
const preStopSeconds = 3;

/**
 * The package's own program, run by the engine in a cluster whose controllers and pods are at work, while clients
 * ask the workload through its sidecar.
 */
export class Rollout {
  private readonly phases: { name: string; startedAt: number; returnedAt: number }[] = [];

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly parts: { agents: AgentPods; controllers: Controllers; pods: PodRunner },
    private readonly program: ExampleProgram,
    private readonly stack: ProgramStack,
    private readonly traffic: Traffic,
    private readonly throughMesh: boolean,
  ) {}

  /**
   * Starts controllers, pods and the engine, has the workload asked all the time, and ends all when `change` is done.
   *
   * @param change what happens meanwhile; the stack is destroyed afterwards, if `change` has not done so
   * @returns what the clients met
   */
  static async run(
    rig: Rig,
    options: RolloutOptions,
    change: (rollout: Rollout) => Promise<void>,
  ): Promise<Journal> {
    const rollout = await Rollout.start(rig, options);
    try {
      await delay(1000);
      await change(rollout);
      await delay(1000);
      return new Journal(rollout.phases, await rollout.traffic.end());
    } finally {
      await rollout.stop();
    }
  }

  private static async start(rig: Rig, options: RolloutOptions): Promise<Rollout> {
    const { kubeconfig } = rig.cluster;
    const [project, peers] = [await packedProject(), await dataPathProgram()];
    const folder = createTemporaryFolder("rollout");
    const checks = join(folder.path, "checks");
    const program = exampleProgram(project, "quickstart");
    program.edit("  targets: [", `${extraArguments(options)}\n  targets: [`);
    if (options.placement === "Sidecar") {
      program.edit('{ app: "web" }', '{ app: "web" }, workload: { name: "web" }');
    }
    if (options.recreate === true) {
      program.edit("const waf =", `${recreating}\nconst waf =`);
    }
    const stack = await withStack(program.run, {
      kubeconfig,
      automation: project.automation,
      config: { accessKeyId: { value: "first" }, secretAccessKey: { value: "first-key", secret: true } },
    });
    await ensureNamespace(kubeconfig, agentNamespace);
    await applyObjects(kubeconfig, [application]);
    const podsFolder = join(folder.path, "pods");
    mkdirSync(podsFolder);
    const agents = new AgentPods(peers, podsFolder, checks);
    if (options.placement === "Sidecar") {
      await rig.agent.stop();
      await agents.startInPod();
    }
    const controllers = await startControllers(
      kubeconfig,
      options.lateEndpoints === true ? slowControllers : [],
    );
    const pods = startPodRunner(kubeconfig, agents);
    const traffic = new Traffic(rig.clients, folder.path, checks);
    const throughMesh = (options.enforcement ?? "AuthorizationPolicy") === "AuthorizationPolicy";
    return new Rollout(folder, { agents, controllers, pods }, program, stack, traffic, throughMesh);
  }

  /** An `up` of the program as it is. */
  async up(name: string): Promise<void> {
    await this.phase(name, () => this.stack.up());
  }

  /** An `up` that changes the agent's image. */
  async changeImage(name: string): Promise<void> {
    this.program.edit('version: "4.84.0"', 'version: "4.83.0"');
    await this.up(name);
  }

  /** An `up` that changes the agent's keys. */
  async rotateKeys(name: string): Promise<void> {
    await this.stack.stack.setConfig("secretAccessKey", { value: "second-key", secret: true });
    await this.up(name);
  }

  /** An `up` that changes the number of agents. */
  async scale(name: string, from: number, to: number): Promise<void> {
    this.program.edit(`replicas: ${from}`, `replicas: ${to}`);
    await this.up(name);
  }

  /** An `up` after which Envoy asks by external processing, and another agent than before. */
  async moveOver(name: string, from: OwnForm): Promise<void> {
    this.program.edit(`enforcement: "${from}"`, 'enforcement: "ExternalProcessing"');
    await this.up(name);
  }

  /** An `up` that gives the target another name. */
  async renameTarget(name: string): Promise<void> {
    this.program.edit('"storefront"', '"shopfront"');
    await this.up(name);
  }

  /**
   * An `up` that gives the component another name in the documented way.
   *
   * @param keptAgent name of the agent, whose objects and host stay
   */
  async renameComponent(name: string, keptAgent: string): Promise<void> {
    const names = '{ extAuthz: "waf-ext-authz", accessLog: "waf-access-log" }';
    this.program.edit(
      '"waf", {',
      `"shield", {${this.throughMesh ? `\n  mesh: { providerNames: ${names} },` : ""}`,
    );
    this.program.edit("agent: {", `agent: { name: "${keptAgent}",`);
    this.program.edit("});\n", '}, { aliases: [{ name: "waf" }] });\n');
    await this.up(name);
  }

  /** An `up` that takes everything out of the mesh. */
  async tearDown(name: string): Promise<void> {
    this.program.edit("teardown: false", "teardown: true");
    await this.up(name);
  }

  /** Destroys the stack. */
  async destroy(name: string): Promise<void> {
    await this.phase(name, () => this.stack.destroy());
  }

  private async phase(name: string, operation: () => Promise<unknown>): Promise<void> {
    const startedAt = Date.now();
    await operation();
    this.phases.push({ name, startedAt, returnedAt: Date.now() });
  }

  private async stop(): Promise<void> {
    const { agents, controllers, pods } = this.parts;
    try {
      await this.traffic.end();
      await this.stack.destroy();
    } finally {
      this.stack.dispose();
      try {
        await pods.stop();
      } finally {
        await agents.stopAll();
        await controllers.stop();
        this.folder.remove();
      }
    }
  }
}

/** What the pods of the workload would come from; the rig has its only pod without it. */
const application = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web" }] } },
  },
};

/** What a user could write to have the Deployment end its old pod first. */
const recreating = `
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "kubernetes:apps/v1:Deployment"
    ? { props: { ...props, spec: { ...props.spec, strategy: { type: "Recreate" } } }, opts }
    : undefined,
);`;

/** The agent in a namespace that stays, as its end would only cost time, and time enough that a busy machine is not taken for a slow agent. */
function extraArguments({
  failOpen,
  enforcement = "AuthorizationPolicy",
  placement = "Service",
}: RolloutOptions): string {
  const ofOwnPods = `
  namespace: "${agentNamespace}",
  createNamespace: false,`;
  const shutdown = `, shutdown: { preStopSleepSeconds: ${preStopSeconds} }`;
  const inPod = placement === "Sidecar";
  const scale = placement === "Service" ? ", replicas: 1" : "";
  return `
  enforcement: "${enforcement}",
  placement: "${placement}",${inPod ? "" : ofOwnPods}
  inspection: { timeout: "5s", failOpen: ${failOpen} },
  agent: { image: { version: "4.84.0" }${inPod ? "" : `${scale}${shutdown}`} },
  teardown: false,`;
}
