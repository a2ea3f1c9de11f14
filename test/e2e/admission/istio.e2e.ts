import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { listAt, textAt } from "../../../src/kubernetes/liveObject";
import { ensureNamespace, parseObjects } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { findPart } from "../stack/findPart";
import { runHelm } from "../stack/runHelm";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import type { TemporaryFolder } from "../stack/temporaryFolder";
import { admissionObjects, applyPolicies, createdSpec, namespaces } from "./admission";

describe("Istio's injection of a pod that the API server gave the agent", function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let folder: TemporaryFolder;

  before(async () => {
    cluster = await startCluster();
    folder = createTemporaryFolder("kube-inject");
    await ensureNamespace(cluster.kubeconfig, namespaces.target);
    await applyPolicies(cluster.kubeconfig, await admissionObjects());
    const charts = await findPart("istio-charts");
    const chart = join(charts.path, "istio-control/istio-discovery");
    const rendered = parseObjects(
      await runHelm(cluster.kubeconfig, ["template", "istiod", chart, "-n", "istio-system"]),
    );
    const dataOf = (name: string, key: string): string =>
      textAt(
        rendered.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name),
        "data",
        key,
      ) ?? assert.fail(`the chart has no ${name}`);
    writeFileSync(join(folder.path, "config"), dataOf("istio-sidecar-injector", "config"));
    writeFileSync(join(folder.path, "values"), dataOf("istio-sidecar-injector", "values"));
    writeFileSync(join(folder.path, "mesh"), dataOf("istio", "mesh"));
  });
  after(async () => {
    folder.remove();
    await cluster.stop();
  });

  /** Names of the init containers, once Istio's own template was applied after the policy, as its webhook does. */
  const injected = async (spec: object): Promise<string[]> => {
    const stored = await createdSpec(cluster.kubeconfig, spec);
    const file = (name: string): string => join(folder.path, name);
    const metadata = { name: "web", namespace: namespaces.target };
    writeFileSync(file("pod.yaml"), stringify({ apiVersion: "v1", kind: "Pod", metadata, spec: stored }));
    const { path } = await findPart("istioctl");
    const args = [
      "kube-inject",
      `--filename=${file("pod.yaml")}`,
      `--injectConfigFile=${file("config")}`,
      `--valuesFile=${file("values")}`,
      `--meshConfigFile=${file("mesh")}`,
      `--kubeconfig=${cluster.kubeconfig}`,
    ];
    // The webhook decides by the version of the cluster, of which this command knows nothing.
    const env = { ...process.env, ENABLE_NATIVE_SIDECARS: "true" };
    const { stdout } = await promisify(execFile)(path, args, { env });
    return listAt(parseObjects(stdout)[0], "spec", "initContainers").flatMap(
      (one) => textAt(one, "name") ?? [],
    );
  };

  it("puts its proxy in front of the agent, and the agent stays in front of all others", async () => {
    const web = { name: "web", image: "web:1" };
    const setup = { name: "setup", image: "setup:1" };
    const withoutSetUp = (names: string[]): string[] => names.filter((name) => name !== "istio-init");
    assert.deepEqual(withoutSetUp(await injected({ containers: [web] })), ["istio-proxy", "sigsci-agent"]);
    assert.deepEqual(withoutSetUp(await injected({ containers: [web], initContainers: [setup] })), [
      "istio-proxy",
      "sigsci-agent",
      "setup",
    ]);
  });
});
