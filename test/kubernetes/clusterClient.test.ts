import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ClusterClient, RequestFailure } from "../../src/kubernetes/clusterClient";
import { loadKubeconfig } from "../../src/kubernetes/kubeconfig";

describe("the cluster client", () => {
  let server: Server;
  let client: ClusterClient;
  let connections: number;
  let status: number;
  let answer: object;
  const seen: { request: IncomingMessage; body: string }[] = [];

  before((done) => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ request, body });
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
    server.on("connection", () => (connections += 1));
    server.listen(0, "127.0.0.1", done);
  });
  beforeEach(async () => {
    [connections, status, answer] = [0, 200, { items: [] }];
    seen.length = 0;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: { token: "secret-token" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
    client = await ClusterClient.open(await loadKubeconfig({ kubeconfig }), 5);
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  it("keeps a few connections for many requests, also for those that have another time-out", async () => {
    await Promise.all(Array.from({ length: 30 }, () => client.list("/api/v1/pods")));
    await client.within(5).list("/api/v1/pods");
    assert.equal(seen.length, 31);
    assert.equal(connections, 8);
  });

  it("asks again when the server has closed an idle connection meanwhile", async () => {
    await client.list("/api/v1/pods");
    server.once("request", (request: IncomingMessage) => request.socket.destroy());
    assert.deepEqual(await client.list("/api/v1/pods"), []);
    assert.equal(connections, 2);
  });

  it("patches by apply, which takes over, and by merge", async () => {
    answer = { metadata: { resourceVersion: "2" } };
    const body = { metadata: { resourceVersion: "1" } };
    const written = await client.patch("/a", body, { strategy: "apply", fieldManager: "me" });
    await client.patch("/a", body, { strategy: "merge", fieldManager: "me" });
    assert.deepEqual(written, answer);
    assert.deepEqual(
      seen.map(({ request, body: sent }) => [
        request.method,
        request.url,
        request.headers["content-type"],
        sent,
      ]),
      [
        ["PATCH", "/a?fieldManager=me&force=true", "application/apply-patch+yaml", JSON.stringify(body)],
        ["PATCH", "/a?fieldManager=me", "application/merge-patch+json", JSON.stringify(body)],
      ],
    );
  });

  it("tells a refused patch from everything else by its status, with the server's own words", async () => {
    [status, answer] = [409, { message: "the object has been modified" }];
    await assert.rejects(client.patch("/a", {}, { strategy: "apply", fieldManager: "me" }), (error) => {
      assert.ok(error instanceof RequestFailure);
      assert.deepEqual([error.status, error.reason], [409, "the object has been modified"]);
      return true;
    });
  });
});
