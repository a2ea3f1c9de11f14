import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { applyObjects, ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import type { RunReport } from "../stack/runReport";
import { exampleProgram } from "./exampleProgram";
import type { ExampleProgram } from "./exampleProgram";
import { clusterObjects, compareObjects, withoutRollouts } from "./objects";
import { applyMesh, applyWorkloads, startWorld } from "./world";
import type { World } from "./world";

interface ExampleCase {
  name: string;
  config: Record<string, { value: string; secret?: boolean }>;
  workloads?: string;
  namespaces?: string[];
  /** Whether pods that were there before are replaced. */
  rollsPods?: boolean;
  /** Whether the mesh ConfigMap is not touched. */
  meshStays?: boolean;
  /** An edit of the program, and the steps that it must cause. */
  change: {
    from: string;
    to: string;
    steps: string[];
    /**
     * Steps that a refresh makes visible. Components share the ConfigMap's annotation with the name of the field
     * manager; a refresh shows each one but the last that another has written it.
     */
    afterRefresh?: string[];
  };
}

const secretKey = "S3CRET-of-the-test";

const key = (name: string): Record<string, { value: string; secret?: boolean }> => ({
  [`${name}ccessKeyId`]: { value: "0aa1f7f5-access" },
  [`${name === "a" ? "secretA" : name.replace(/A$/, "SecretA")}ccessKey`]: {
    value: secretKey,
    secret: true,
  },
});

const notHealth = {
  from: 'matchLabels: { app: "web" } }',
  to: 'matchLabels: { app: "web" }, notPaths: ["/healthz"] }',
};

const examples: ExampleCase[] = [
  {
    name: "quickstart",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    change: { ...notHealth, steps: ["update waf", "update waf-storefront-policy"] },
  },
  {
    name: "existing-secret",
    config: { secretName: { value: "agent-keys" } },
    namespaces: ["security", "shop"],
    change: { ...notHealth, steps: ["update waf", "update waf-storefront-policy"] },
  },
  {
    name: "many-targets",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    change: {
      from: 'notPaths: ["/healthz", "/readyz"]',
      to: 'notPaths: ["/healthz"]',
      steps: ["update waf", "update waf-storefront-policy"],
    },
  },
  {
    name: "several-components",
    config: { ...key("shopA"), ...key("paymentsA") },
    workloads: "cluster/workloads.yaml",
    change: {
      ...notHealth,
      steps: ["update shop-waf", "update shop-waf-storefront-policy"],
      afterRefresh: ["update shop-waf-mesh-default"],
    },
  },
  {
    name: "sidecar",
    config: key("a"),
    namespaces: ["shop"],
    change: {
      from: '{ name: "storefront", namespace, matchLabels: labels }',
      to: '{ name: "storefront", namespace, matchLabels: labels, notPaths: ["/healthz"] }',
      steps: ["update waf", "update waf-storefront-policy"],
    },
  },
  {
    name: "sidecar-existing",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    rollsPods: true,
    change: {
      from: "targets: [",
      to: 'agent: { image: { version: "4.83.0" } },\n  targets: [',
      steps: ["update waf", "update waf-storefront-workload"],
    },
  },
  {
    name: "sidecar-admission",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    change: {
      from: "targets: [",
      to: 'agent: { image: { version: "4.83.0" } },\n  targets: [',
      steps: ["update waf", "update waf-storefront-injection"],
    },
  },
  {
    name: "envoy-filter",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    meshStays: true,
    change: {
      from: "rolloutPercent: 10",
      to: "rolloutPercent: 100",
      steps: ["update waf", "update waf-storefront-envoy-filter"],
    },
  },
  {
    name: "observe-first",
    config: { ...key("a"), step: { value: "observe" } },
    workloads: "cluster/workloads.yaml",
    meshStays: true,
    change: {
      from: "InspectionMode.Observe",
      to: "InspectionMode.Block",
      steps: ["update waf", "update waf-storefront-envoy-filter"],
    },
  },
  {
    name: "external-processing",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    meshStays: true,
    change: {
      from: '["/healthz"]',
      to: '["/healthz", "/livez"]',
      steps: ["update waf", "update waf-storefront-envoy-filter"],
    },
  },
  {
    name: "gateway",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    change: {
      from: 'notPaths: ["/healthz"]',
      to: 'notPaths: ["/healthz", "/livez"]',
      steps: ["update waf", "update waf-edge-policy"],
    },
  },
  {
    name: "waypoint",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    change: {
      from: 'targetRefs: [{ kind: TargetRefKind.Service, name: "web" }],',
      to: 'targetRefs: [{ kind: TargetRefKind.Service, name: "web" }],\n      notPaths: ["/healthz"],',
      steps: ["update waf", "update waf-storefront-policy"],
    },
  },
  {
    name: "node-local",
    config: key("a"),
    workloads: "cluster/workloads.yaml",
    change: { ...notHealth, steps: ["update waf", "update waf-storefront-policy"] },
  },
];

describe("each example on a real API server", function () {
  this.timeout(300_000);
  let world: World;
  let project: PackedProject;

  before(async () => {
    project = await packedProject();
  });
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(async () => {
    await world.stop();
  });

  for (const example of examples) {
    it(`${example.name}: preview, up, same, change, refresh, destroy leave what the README says`, async () => {
      await prepare(world, example);
      const before = await clusterObjects(world.cluster.kubeconfig);
      const program = exampleProgram(project, example.name);
      const stack = await withStack(program.run, {
        kubeconfig: world.cluster.kubeconfig,
        automation: project.automation,
        config: example.config,
        stackName: example.name,
      });
      try {
        await lifecycle(stack, program, example);
        assertSecretFree(storedState(stack));
        await stack.destroy();
      } finally {
        stack.dispose();
      }
      const after = await clusterObjects(world.cluster.kubeconfig);
      const [earlier, later] =
        example.rollsPods === true ? [before, after].map(withoutRollouts) : [before, after];
      assert.ok(earlier && later);
      const left = compareObjects(earlier, later);
      const changed = example.meshStays === true ? [] : ["ConfigMap istio-system/istio"];
      assert.deepEqual(left, { added: [], removed: [], changed });
    });
  }
});

async function prepare(world: World, example: ExampleCase): Promise<void> {
  const { kubeconfig } = world.cluster;
  await applyMesh(world.cluster);
  for (const namespace of example.namespaces ?? []) {
    await ensureNamespace(kubeconfig, namespace);
  }
  if (example.workloads !== undefined) {
    const folder = resolve(__dirname, "../../../examples", example.name);
    await applyWorkloads(world.cluster, join(folder, example.workloads));
  }
  if (example.name === "existing-secret") {
    await createExistingSecret(kubeconfig);
  }
}

/** The state as it is stored; the Automation API would decrypt it. */
function storedState({ backend }: ProgramStack): string {
  const folder = join(backend, ".pulumi", "stacks", "e2e");
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
}

/** Nothing that a user sees or stores may hold the key, in plain text or as Kubernetes encodes it. */
function assertSecretFree(text: string): void {
  assert.ok(text.length > 0);
  for (const form of [secretKey, Buffer.from(secretKey).toString("base64")]) {
    assert.ok(!text.includes(form), "the secret key is readable");
  }
}

async function createExistingSecret(kubeconfig: string): Promise<void> {
  await applyObjects(kubeconfig, [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "agent-keys", namespace: "security" },
      stringData: { "agent-access-key": "a", "agent-secret-key": "b" },
    },
  ]);
}

async function lifecycle(
  stack: ProgramStack,
  program: ExampleProgram,
  { change }: ExampleCase,
): Promise<void> {
  const steps = (report: RunReport): string[] =>
    report.steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);
  const previewed = await stack.preview();
  assertSecretFree(previewed.stdout);
  assert.ok(previewed.steps.every(({ op }) => op === "create" || op === "read" || op === "same"));
  assertSecretFree((await stack.up()).stdout);
  assert.deepEqual(steps(await stack.preview()), [], "the second preview must be the same");
  assert.deepEqual(steps(await stack.up()), [], "the second up must change nothing");
  program.edit(change.from, change.to);
  assert.deepEqual(steps(await stack.preview()).sort(), [...change.steps].sort());
  await stack.up();
  await stack.refresh();
  assert.deepEqual(
    steps(await stack.preview()),
    change.afterRefresh ?? [],
    "a refresh must show nothing else",
  );
}
