import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { ClusterClient } from "../../src/kubernetes/clusterClient";
import { RequestFailure } from "../../src/kubernetes/requestFailure";
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
        if (response.headersSent) {
          // A test has answered in its own way.
          return;
        }
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

  it("gives the versions of an object up to one, and leaves the watch that goes on", async () => {
    const version = (resourceVersion: string): object => ({ metadata: { resourceVersion } });
    const versions = ["8", "9"].map(version);
    server.prependOnceListener("request", (request: IncomingMessage, response: ServerResponse) => {
      seen.push({ request, body: "" });
      response.write(versions.map((object) => `${JSON.stringify({ type: "MODIFIED", object })}\n`).join(""));
    });
    const path = "/api/v1/namespaces/n/configmaps";
    assert.deepEqual(await client.versionsBetween(path, "istio", "7", "9"), versions);
    assert.equal(
      seen[0]?.request.url,
      `${path}?watch=true&fieldSelector=metadata.name%3Distio&resourceVersion=7&timeoutSeconds=2`,
    );
    [status, answer] = [403, { message: "no watch" }];
    await assert.rejects(client.versionsBetween(path, "istio", "7", "9"), {
      kind: "forbidden",
      reason: "no watch",
    });
  });

  it("tells a refused patch from everything else by its status, with the server's own words", async () => {
    [status, answer] = [409, { message: "the object has been modified" }];
    await assert.rejects(client.patch("/a", {}, { strategy: "apply", fieldManager: "me" }), (error) => {
      assert.ok(error instanceof RequestFailure);
      assert.deepEqual([error.status, error.reason], [409, "the object has been modified"]);
      return true;
    });
  });

  it("ends in one refusal when the time is over in the middle of an answer on a connection in use before", async () => {
    await client.list("/api/v1/pods");
    server.once("request", (_request, response: ServerResponse) => response.write("{"));
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.prependListener("unhandledRejection", note);
    try {
      await assert.rejects(client.within(0.2).get("/a"), { kind: "timeout" });
      await setTimeout(50);
    } finally {
      process.removeListener("unhandledRejection", note);
    }
    assert.deepEqual(unhandled, []);
  });

  it("does not send again what the server has begun to answer", async () => {
    await client.list("/api/v1/pods");
    let requests = 0;
    server.on("request", () => (requests += 1));
    server.once("request", (request: IncomingMessage, response: ServerResponse) => {
      response.write("{", () => request.socket.destroy());
    });
    await assert.rejects(client.patch("/a", {}, { strategy: "merge", fieldManager: "me" }), {
      message: `${client.host} does not answer (ECONNRESET)`,
    });
    assert.equal(requests, 1);
  });
});

describe("the server in a kubeconfig", () => {
  const notUsable: Record<string, { cluster: object; message: string }> = {
    "an address without https://": {
      cluster: { server: "10.0.0.1:6443" },
      message: "the server in the kubeconfig is no URL that starts with https://",
    },
    "an address that a host name makes look like a URL": {
      cluster: { server: "localhost:6443" },
      message: "the server in the kubeconfig is no URL that starts with https://",
    },
    "http:// where TLS is wanted": {
      cluster: { server: "http://10.0.0.1" },
      message:
        "the server in the kubeconfig starts with http://, which is used only with `insecure-skip-tls-verify: true`",
    },
    "a proxy without a scheme": {
      cluster: { server: "https://10.0.0.1", "proxy-url": "10.0.0.2:8080" },
      message: "the proxy-url in the kubeconfig is no URL",
    },
  };
  for (const [what, { cluster, message }] of Object.entries(notUsable)) {
    it(`is refused for ${what}, and not for its credentials`, async () => {
      await assert.rejects(open(cluster), new RequestFailure("unreachable", message));
    });
  }

  it("is named without credentials that stand in it", async () => {
    const { host, address } = await open({ server: "https://me:secret@10.0.0.1:6443/k8s/" });
    assert.deepEqual([host, address], ["10.0.0.1:6443", "https://10.0.0.1:6443/k8s"]);
  });

  async function open(cluster: object): Promise<ClusterClient> {
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
    return ClusterClient.open(await loadKubeconfig({ kubeconfig }));
  }
});
