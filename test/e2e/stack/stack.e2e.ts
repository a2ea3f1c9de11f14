import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { applyObjects, ApplyRefused, type PlainObject } from "./apply";
import { startCluster, type Cluster } from "./cluster";
import { findPart } from "./findPart";
import { askUrl } from "./http";
import { startIstiod, type Istiod } from "./istiod";
import { partNamed, type PartName } from "./parts";
import { isPortFree } from "./ports";
import { isRunning } from "./runningProcess";

const policy: PlainObject = {
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "smoke", namespace: "default" },
  spec: { selector: { matchLabels: { app: "web" } }, action: "ALLOW", rules: [{}] },
};

describe("the stack", () => {
  let cluster: Cluster;
  let istiod: Istiod;

  before(async () => {
    const developer = { name: "developer", token: "developer-token" };
    cluster = await startCluster({ users: [developer], istioCrds: true });
    istiod = await startIstiod({ kubeconfig: cluster.kubeconfig });
  });

  after(async () => {
    await istiod.stop();
    await cluster.stop();
  });

  it("serves the API of the pinned version to the administrator", async () => {
    const credentials = { token: cluster.token, authority: cluster.authority };
    const { status, body } = await askUrl(`${cluster.server}/version`, { credentials });
    assert.equal(status, 200);
    const version: unknown = JSON.parse(body);
    assert.equal(
      typeof version === "object" && version !== null && "gitVersion" in version && version.gitVersion,
      `v${partNamed("kube-apiserver").version}`,
    );
  });

  it("knows its other users, who may do nothing until RBAC says so, and nobody else", async () => {
    const url = `${cluster.server}/api/v1/namespaces`;
    const statusFor = async (token: string): Promise<number> =>
      (await askUrl(url, { credentials: { token, authority: cluster.authority } })).status;
    assert.deepEqual(
      [await statusFor(cluster.token), await statusFor("developer-token"), await statusFor("stranger")],
      [200, 403, 401],
    );
  });

  it("stores Istio's objects and refuses unknown fields by name", async () => {
    await applyObjects(cluster.kubeconfig, [policy]);
    const misspelt = { ...policy, spec: { acton: "ALLOW" } };
    await assert.rejects(
      applyObjects(cluster.kubeconfig, [misspelt]),
      (error: unknown) =>
        error instanceof ApplyRefused &&
        error.message.includes("refused (500)") &&
        error.message.includes(".spec.acton: field not declared"),
    );
  });

  it("has an istiod that reads what the API server stores", async () => {
    await istiod.daemon.waitUntil(
      "The policy in istiod",
      async () => (await askUrl(`${istiod.http}/debug/configz`)).body.includes('"smoke"'),
      20,
    );
    const mesh = await askUrl(`${istiod.http}/debug/mesh`);
    assert.equal(mesh.status, 200);
    assert.match(mesh.body, /"rootNamespace":\s*"istio-system"/);
  });

  it("has programs of the pinned versions", async () => {
    const answers: [PartName, string[]][] = [
      ["etcd", ["--version"]],
      ["envoy", ["--version"]],
      ["pulumi", ["version"]],
      ["istioctl", ["version", "--remote=false"]],
      ["helm", ["version"]],
      ["kube-controller-manager", ["--version"]],
    ];
    for (const [name, args] of answers) {
      const found = await findPart(name);
      const { stdout } = spawnSync(found.path, args, { encoding: "utf8" });
      assert.ok(stdout.includes(partNamed(name).version), `${found.path} says ${stdout}`);
    }
  });

  it("leaves no process, no port and no folder behind when it is stopped", async () => {
    const pids = [cluster.etcd.pid, cluster.apiServer.pid, istiod.daemon.pid];
    const { etcdClient, etcdPeer, apiServer } = cluster.ports;
    const { http, grpc, monitoring } = istiod.ports;
    const ports = [etcdClient, etcdPeer, apiServer, http, grpc, monitoring];
    assert.deepEqual(pids.map(isRunning), [true, true, true]);
    assert.equal(await isPortFree(apiServer), false);
    await istiod.stop();
    await cluster.stop();
    assert.deepEqual(pids.map(isRunning), [false, false, false]);
    assert.deepEqual(
      await Promise.all(ports.map(isPortFree)),
      ports.map(() => true),
    );
    assert.equal(existsSync(cluster.folder), false);
  });
});
