import assert from "node:assert/strict";
import { AppsV1Api, KubeConfig } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { sigsciAgentTransform } from "../../../src/sidecar/sigsciAgentTransform";
import { ensureNamespace } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { RunFailure, withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import type { RunReport } from "../stack/runReport";
import { clusterObjects, compareObjects } from "./objects";

const changes = (report: RunReport): string[] =>
  report.steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);

function deployment(
  name: string,
  app: string,
  options: pulumi.ResourceOptions = {},
  namespace = "shop",
): void {
  const labels = { app };
  const metadata = { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } };
  const containers = [{ name: "web", image: "web:1", ports: [{ containerPort: 8080 }] }];
  new k8s.apps.v1.Deployment(
    name,
    {
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
    options,
  );
}

/** The Secret's name is known only once it is there. */
function transform(): pulumi.ResourceTransform {
  const secret = new k8s.core.v1.Secret("keys", {
    metadata: { namespace: "shop" },
    stringData: { accesskeyid: "a", secretaccesskey: "b" },
  });
  return sigsciAgentTransform({
    matchLabels: { app: "web" },
    namespaces: ["shop"],
    agent: { secret: { name: secret.metadata.name } },
  });
}

describe("sigsciAgentTransform in a program", function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let stack: ProgramStack | undefined;

  before(async () => {
    cluster = await startCluster({ istioCrds: true, apiServerArgs: ["--enable-garbage-collector=false"] });
    await ensureNamespace(cluster.kubeconfig, "shop");
    await ensureNamespace(cluster.kubeconfig, "other");
  });
  afterEach(() => {
    stack?.dispose();
  });
  after(async () => {
    await cluster.stop();
  });

  const start = async (program: () => void): Promise<ProgramStack> => {
    const run: PulumiFn = () => {
      program();
      return Promise.resolve();
    };
    stack = await withStack(run, { kubeconfig: cluster.kubeconfig });
    return stack;
  };
  const containersOf = async (name: string): Promise<string[]> => {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    const live = await config.makeApiClient(AppsV1Api).readNamespacedDeployment({ name, namespace: "shop" });
    const spec = live.spec?.template.spec;
    return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map((container) => container.name);
  };

  for (const [how, program] of Object.entries({
    "a whole program": () => {
      pulumi.runtime.registerResourceTransform(transform());
      deployment("web", "web");
      deployment("shop", "shop");
    },
    "the children of a component": () => {
      const parent = new pulumi.ComponentResource(
        "test:index:Chart",
        "chart",
        {},
        { transforms: [transform()] },
      );
      deployment("web", "web", { parent });
      deployment("shop", "shop", { parent });
    },
  })) {
    it(`adds the agent to the workloads of ${how} that have the labels`, async () => {
      const before = await clusterObjects(cluster.kubeconfig);
      const running = await start(program);
      assert.ok(changes(await running.preview()).includes("create web"));
      await running.up();
      assert.deepEqual(await containersOf("web"), ["sigsci-agent", "web"]);
      assert.deepEqual(await containersOf("shop"), ["web"]);
      assert.deepEqual(changes(await running.preview()), []);
      await running.destroy();
      const left = compareObjects(before, await clusterObjects(cluster.kubeconfig));
      assert.deepEqual(left, { added: [], removed: [], changed: [] });
    });
  }

  it("stops at a workload in a namespace without the Secret", async () => {
    const running = await start(() => {
      pulumi.runtime.registerResourceTransform(transform());
      deployment("web", "web", {}, "other");
    });
    await assert.rejects(
      running.preview(),
      (error: unknown) =>
        error instanceof RunFailure &&
        error.message.includes(
          "metadata.namespace = 'other': its pods have the labels, and the Secret with the keys is in shop only",
        ),
    );
  });
});
