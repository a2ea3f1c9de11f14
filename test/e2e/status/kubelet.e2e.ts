import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { KubeConfig, PortForward } from "@kubernetes/client-node";
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

  /** What a port of the pod answers, and the words of the kubelet. */
  async function get(
    kubeconfig: string,
    port: number,
    path = "/",
  ): Promise<{ answer: string; error: string }> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const socket = await new PortForward(config).portForward(
      "default",
      "server",
      [port],
      output,
      errors,
      input,
    );
    assert.ok(typeof socket !== "function", "it connects once");
    socket.addEventListener("close", () => [output, errors].forEach((stream) => stream.end()));
    input.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    const [answer, error] = await Promise.all([text(output), text(errors)]);
    return { answer, error };
  }

  it("reaches the address that the kubelet knows for the port, with answers of any size", async () => {
    const small = await get(cluster.kubeconfig, 8080);
    assert.match(small.answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhere$/);
    assert.equal(small.error, "");
    const { answer } = await get(cluster.kubeconfig, 8080, "/large");
    assert.equal(answer.slice(answer.indexOf("\r\n\r\n") + 4), large);
  });

  it("says on the stream of errors that nothing listens", async () => {
    const { answer, error } = await get(cluster.kubeconfig, 9090);
    assert.equal(answer, "");
    assert.match(error, /error forwarding port 9090 .*nothing listens on default\/server:9090/);
  });

  it("takes the rights to get and to create", async () => {
    assert.match((await get(cluster.kubeconfigOf("may-both"), 8080)).answer, /here$/);
    for (const user of ["may-get", "may-create"]) {
      await assert.rejects(get(cluster.kubeconfigOf(user), 8080), { message: /403/ });
    }
  });
});
