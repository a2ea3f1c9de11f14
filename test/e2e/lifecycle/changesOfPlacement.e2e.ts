import assert from "node:assert/strict";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import type { RunReport } from "../stack/runReport";
import { exampleProgram } from "./exampleProgram";
import type { ExampleProgram } from "./exampleProgram";
import { clusterObjects, compareObjects, withoutRollouts } from "./objects";
import { PodNode } from "./podNode";
import { watchReach } from "./reachWatch";
import type { ReachOf } from "./reachWatch";
import { applyMesh, applyWorkloads, startWorld } from "./world";
import type { World } from "./world";

const workloads = resolve(__dirname, "../../../examples/sidecar-existing/cluster/workloads.yaml");

const provider = { provider: "waf-ext-authz" };
const envoyFilter = { envoyFilter: "waf-storefront" };

/** The workload's part of a program, with the agent elsewhere and in its pods. */
const target = 'matchLabels: { app: "web" } }';
const patchedTarget = 'matchLabels: { app: "web" }, workload: { name: "web" } }';

/** A workload that is no longer read is discarded, which changes nothing in the cluster. */
const idle = new Set(["same", "read", "discard"]);

const changed = (steps: RunReport["steps"]): string[] =>
  steps.filter(({ op }) => !idle.has(op)).map(({ op, name }) => `${op} ${name}`);

describe("changes of placement", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let world: World;
  let program: ExampleProgram;
  let stack: ProgramStack;

  before(async () => {
    project = await packedProject();
  });
  beforeEach(async () => {
    // Only pods on nodes tell where an agent is missing.
    world = await startWorld({}, { address: (number) => `10.244.1.${number}`, start: done, stop: done });
    await PodNode.register(world.cluster.kubeconfig);
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, workloads);
    program = exampleProgram(project, "quickstart");
    program.edit("{ SigsciIstioIntegration }", "{ Placement, SigsciIstioIntegration }");
    program.edit("  targets: [", "  placement: Placement.Service,\n  targets: [");
    stack = await withStack(program.run, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      config: { accessKeyId: { value: "first" }, secretAccessKey: { value: "first-key", secret: true } },
    });
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });

  /** One `up` that must do what its preview says, in this order, and leave nothing to do. */
  async function change(expected: { preview: string[]; order: string[] }): Promise<void> {
    assert.deepEqual(changed((await stack.preview()).steps).sort(), [...expected.preview].sort());
    const finished = changed((await stack.up()).finished);
    assert.deepEqual(
      finished.filter((step) => expected.order.includes(step)),
      expected.order,
      `all steps:\n${finished.join("\n")}`,
    );
    assert.deepEqual(changed((await stack.preview()).steps), [], "the next preview must be the same");
  }

  /** What a whole life with these changes in between leaves, and what the proxies missed meanwhile. */
  async function life(asks: ReachOf["asks"], changes: () => Promise<void>): Promise<void> {
    const { kubeconfig } = world.cluster;
    const before = withoutRollouts(await clusterObjects(kubeconfig));
    await stack.up();
    const reach = watchReach(kubeconfig, { asks, workload: { namespace: "shop", name: "web" } });
    try {
      await changes();
      assert.equal(reach.gaps.join("\n"), "", "the proxies had no agent to ask");
      assert.ok(reach.looks > 20, `looked only ${reach.looks} times`);
      // A watch that sees nothing when the Service is taken away would see nothing ever.
      await deleteService(kubeconfig, { namespace: "sigsci", name: "waf-agent" });
      await eventually(() => reach.gaps.includes("no Service sigsci/waf-agent"));
      await stack.destroy();
    } finally {
      await reach.stop();
    }
    const left = compareObjects(before, withoutRollouts(await clusterObjects(kubeconfig)));
    const marked = "provider" in asks ? ["ConfigMap istio-system/istio"] : [];
    assert.deepEqual(left, { added: [], removed: [], changed: marked });
  }

  it("to every node and back: the Service turns to the nodes when each has an agent, and back before they go", async () => {
    await life(provider, async () => {
      program.edit("Placement.Service", "Placement.NodeLocal");
      await change({
        preview: ["update waf", "create waf-daemon-set", "update waf-service", "delete waf-deployment"],
        order: ["create waf-daemon-set", "update waf-service", "delete waf-deployment"],
      });
      program.edit("Placement.NodeLocal", "Placement.Service");
      await change({
        preview: ["update waf", "create waf-deployment", "update waf-service", "delete waf-daemon-set"],
        order: ["update waf-service", "create waf-deployment", "delete waf-daemon-set"],
      });
    });
  });

  /** Into the pods and back: the proxies turn to the new agents when they run, and the old ones go last. */
  async function intoPodsAndBack(turn: string, more: readonly string[]): Promise<void> {
    const inPods = ["waf-secret-shop", "waf-storefront-workload", ...more];
    const elsewhere = ["waf-namespace", "waf-secret", "waf-service", "waf-service-account", "waf-deployment"];
    const preview = (created: readonly string[], deleted: readonly string[]): string[] => [
      ...["update waf", turn],
      ...created.map((name) => `create ${name}`),
      ...deleted.map((name) => `delete ${name}`),
    ];
    program.edit("Placement.Service", "Placement.Sidecar");
    program.edit(target, patchedTarget);
    await change({
      preview: preview(inPods, elsewhere),
      order: ["create waf-storefront-workload", turn, "delete waf-deployment"],
    });
    program.edit("Placement.Sidecar", "Placement.Service");
    program.edit(patchedTarget, target);
    await change({
      preview: preview(elsewhere, inPods),
      order: ["create waf-deployment", turn, "delete waf-storefront-workload"],
    });
  }

  it("into the pods and back, through the mesh", async () => {
    await life(provider, () => intoPodsAndBack("update waf-mesh-default", ["waf-service-entry"]));
  });

  it("into the pods and back, through EnvoyFilters", async () => {
    program.edit("{ Placement,", "{ Enforcement, Placement,");
    program.edit("  targets: [", "  enforcement: Enforcement.EnvoyFilter,\n  targets: [");
    await life(envoyFilter, () => intoPodsAndBack("update waf-storefront-envoy-filter", []));
  });
});

async function deleteService(
  kubeconfig: string,
  service: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  await config.makeApiClient(CoreV1Api).deleteNamespacedService(service);
}

/** Waits for at most ten seconds. */
async function eventually(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !condition(); attempt += 1) {
    await delay(100);
  }
  assert.ok(condition(), "the watch saw nothing");
}

function done(): Promise<void> {
  return Promise.resolve();
}
