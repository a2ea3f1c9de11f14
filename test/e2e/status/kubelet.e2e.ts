import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { PortForward } from "../../../src/kubernetes/portForward";
import { applyObjects, parseObjects } from "../stack/apply";
import { startCluster, type Cluster } from "../stack/cluster";
import { Kubelet } from "./kubelet";

const users = ["may-get", "may-create", "may-both"].map((name) => ({ name, token: `e2e-${name}` }));
const large = "x".repeat(3_000_000);

const roleOf = (name: string, verbs: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: ${name} }
rules: [{ apiGroups: [""], resources: [pods/portforward], verbs: [${verbs}] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: ${name} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${name} }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: ${name} }]
---`;

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: server, namespace: default }
spec: { nodeName: node-one, containers: [{ name: server, image: server }] }
`;

describe("a port forward through the API server", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let kubelet: Kubelet;
  let server: Server;

  before(async () => {
    cluster = await startCluster({ users });
    const roles =
      roleOf("may-get", "get") + roleOf("may-create", "create") + roleOf("may-both", "get, create");
    kubelet = await Kubelet.start(cluster, "node-one");
    await applyObjects(cluster.kubeconfig, parseObjects(roles + pod));
    server = createServer((request, response) => response.end(request.url === "/large" ? large : "here"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    // Of a TCP server the address is an object.
    const { port } = server.address() as AddressInfo;
    kubelet.forward("default/server:8080", `127.0.0.1:${port}`);
  });

  after(async () => {
    server.close();
    await kubelet.stop();
    await cluster.stop();
  });

  /** What a port of the pod answers. */
  async function get(kubeconfig: string, port: number, path = "/"): Promise<string> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const forward = await PortForward.open(config, { namespace: "default", pod: "server", port });
    try {
      return await (await fetch(forward.url + path)).text();
    } catch {
      throw forward.explain("no reason is known");
    } finally {
      forward.close();
    }
  }

  it("reaches the address that the kubelet knows for the port, with answers of any size", async () => {
    assert.equal(await get(cluster.kubeconfig, 8080), "here");
    assert.equal(await get(cluster.kubeconfig, 8080, "/large"), large);
  });

  it("gives the kubelet's words when nothing listens", async () => {
    await assert.rejects(get(cluster.kubeconfig, 9090), {
      message: /error forwarding port 9090 .*nothing listens on default\/server:9090/,
    });
  });

  it("takes the rights to get and to create", async () => {
    assert.equal(await get(cluster.kubeconfigOf("may-both"), 8080), "here");
    for (const user of ["may-get", "may-create"]) {
      await assert.rejects(get(cluster.kubeconfigOf(user), 8080), { kind: "forbidden" });
    }
  });
});
