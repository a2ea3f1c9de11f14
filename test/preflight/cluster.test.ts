import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { RequestOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ClusterClient } from "../../src/kubernetes/clusterClient";
import { RequestFailure } from "../../src/kubernetes/requestFailure";
import { KubeconfigError, loadKubeconfig } from "../../src/kubernetes/kubeconfig";
import type { PreflightSource } from "../../src/kubernetes/kubeconfigSource";
import { NotTheCluster, openCluster } from "../../src/preflight/openCluster";
import type { KnownMesh } from "../../src/preflight/openCluster";
import { inFolder } from "../render/temporaryFolder";

const kubeconfig = (server: string, user: object = { token: "secret-token" }): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    clusters: [{ name: "here", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user }],
    contexts: [
      { name: "here", context: { cluster: "here", user: "me" } },
      { name: "gone", context: { cluster: "nowhere", user: "me" } },
    ],
  });
const source = (text: string, needsProof = false, context?: string) => ({
  kubeconfig: text,
  context,
  needsProof,
  sameUser: false,
});
const opened = (from: PreflightSource, meshes: KnownMesh[], seconds: number): Promise<ClusterClient> =>
  openCluster(from, meshes, async () => ClusterClient.open(await loadKubeconfig(from), seconds));

describe("preflight: the cluster", () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const seen: IncomingMessage[] = [];
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const json =
    (value: unknown, status = 200) =>
    (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };

  before((done) => {
    server = createServer((request, response) => {
      seen.push(request);
      answer(request, response);
    }).listen(0, "127.0.0.1", done);
  });
  beforeEach(() => {
    seen.length = 0;
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  it("is recognised by the uid of a ConfigMap, of which it reads the metadata only", async () => {
    answer = json({ metadata: { uid: "u1" } });
    await opened(source(kubeconfig(url()), true), [{ id: "istio-system/istio", uid: "u1" }], 5);
    assert.equal(seen[0]?.url, "/api/v1/namespaces/istio-system/configmaps/istio");
    assert.match(seen[0].headers.accept ?? "", /as=PartialObjectMetadata/);
    assert.equal(seen[0].headers.authorization, "Bearer secret-token");
    assert.equal(seen[0].method, "GET");
  });

  it("is left alone when it is another one", async () => {
    for (const [status, metadata] of [
      [200, { uid: "u2" }],
      [404, {}],
    ] as const) {
      answer = json({ metadata }, status);
      await assert.rejects(
        opened(source(kubeconfig(url())), [{ id: "istio-system/istio", uid: "u1" }], 5),
        (error) =>
          error instanceof NotTheCluster && error.message.includes("is not the one that Pulumi reads"),
      );
    }
    assert.equal(seen.length, 2);
  });

  it("is not even asked when it could not be recognised", async () => {
    await assert.rejects(opened(source(kubeconfig(url()), true), [], 5), NotTheCluster);
    await assert.rejects(
      opened(source(kubeconfig(url()), true), [{ id: "a/b", uid: undefined }], 5),
      NotTheCluster,
    );
    assert.equal(seen.length, 0);
    await opened(source(kubeconfig(url())), [], 5);
  });

  it("is read page by page, and not without end", async () => {
    const reader = await opened(source(kubeconfig(url())), [], 5);
    const page = { metadata: { continue: "more" }, items: [{ metadata: { name: "a" } }, "no object"] };
    answer = json(page);
    const found = await reader.list("/api/v1/pods", "app=x");
    assert.deepEqual(found, Array(4).fill({ metadata: { name: "a" } }));
    assert.deepEqual(
      seen.map((request) => request.url),
      [
        "/api/v1/pods?limit=500&labelSelector=app%3Dx",
        ...Array<string>(3).fill("/api/v1/pods?limit=500&labelSelector=app%3Dx&continue=more"),
      ],
    );
    answer = json({ metadata: { continue: "" }, items: [] });
    assert.deepEqual(await reader.list("/api/v1/pods"), []);
  });

  it("is asked many things at once without a complaint of Node's", async () => {
    const complaints: string[] = [];
    const hear = ({ name }: Error): number => complaints.push(name);
    process.on("warning", hear);
    const reader = await opened(source(kubeconfig(url())), [], 5);
    answer = json({ items: [] });
    await Promise.all(Array.from({ length: 30 }, () => reader.list("/api/v1/pods")));
    process.off("warning", hear);
    assert.deepEqual(complaints, []);
  });

  it("is asked what its user may do", async () => {
    const reader = await opened(source(kubeconfig(url())), [], 5);
    const question = {
      verb: "patch",
      group: "",
      resource: "configmaps",
      namespace: "istio-system",
      name: "istio",
    };
    let sent = "";
    const review = (status: object) => (request: IncomingMessage, response: ServerResponse) => {
      sent = "";
      request.on("data", (chunk: Buffer) => (sent += chunk.toString()));
      request.on("end", () => {
        json({ status }, 201)(request, response);
      });
    };
    answer = review({ allowed: true });
    assert.equal(await reader.may(question), true);
    const [request] = seen;
    assert.equal(
      `${request?.method} ${request?.url}`,
      "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    );
    assert.equal(request?.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(sent), {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: question },
    });
    answer = review({ allowed: false, reason: "no RBAC policy matched" });
    assert.equal(await reader.may(question), false);
    const { host } = new URL(url());
    answer = json({}, 404);
    await assert.rejects(reader.may(question), { message: `${host} does not answer access reviews` });
    answer = json({}, 403);
    await assert.rejects(reader.may(question), {
      kind: "forbidden",
      message: `${host} answers POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews with HTTP status 403`,
    });
  });

  it("may lack a kind, forbid, break and hang", async () => {
    const reader = await opened(source(kubeconfig(url())), [], 0.3);
    const kindOf = (path: string): Promise<string> =>
      reader.list(path).then(
        (items) => `${items.length} items`,
        (error: unknown) => (error instanceof RequestFailure ? `${error.kind}: ${error.message}` : "?"),
      );
    const { host } = new URL(url());
    answer = json({}, 404);
    assert.equal(await kindOf("/apis/x"), "0 items");
    answer = json({}, 403);
    assert.equal(await kindOf("/apis/x"), `forbidden: ${host} answers GET /apis/x with HTTP status 403`);
    answer = (_request, response) => response.end("<html>");
    assert.equal(
      await kindOf("/apis/x"),
      `unreachable: ${host} answers with something that is no JSON object (HTTP status 200)`,
    );
    answer = (request) => request.socket.destroy();
    assert.equal(await kindOf("/apis/x"), `unreachable: ${host} does not answer (ECONNRESET)`);
    answer = () => undefined;
    assert.equal(await kindOf("/apis/x"), `timeout: ${host} did not answer within 0.3 s`);
  });

  it("needs a kubeconfig that works without a person", async () => {
    const refused = async (text: string, context?: string): Promise<string> =>
      loadKubeconfig(source(text, false, context)).then(
        () => "accepted",
        (error: unknown) => (error instanceof KubeconfigError ? error.message : "?"),
      );
    assert.equal(await refused("/nowhere/kubeconfig"), "there is no kubeconfig at the path given");
    assert.equal(await refused("token: [secret-token\n"), "the kubeconfig cannot be read");
    assert.equal(
      await refused(kubeconfig("x"), "gone"),
      "the kubeconfig has no cluster for the context in use",
    );
    assert.equal(await refused(kubeconfig("x"), "never"), "the kubeconfig does not have the context in use");
    assert.equal(
      await refused(JSON.stringify({ contexts: [], clusters: [] })),
      "the kubeconfig names no current context",
    );
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "login",
      interactiveMode: "Always",
    };
    assert.equal(
      await refused(kubeconfig("http://x", { exec })),
      "the kubeconfig's credentials need a person at the keyboard",
    );
    assert.equal(await refused(kubeconfig("http://x")), "accepted");
  });

  it("does not wait for credentials for ever", async () => {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: process.execPath,
      args: ["-e", "setTimeout(() => {}, 20000)"],
      interactiveMode: "Never",
    };
    const started = Date.now();
    await assert.rejects(opened(source(kubeconfig(url(), { exec })), [], 0.3), {
      kind: "timeout",
      message: "the kubeconfig's credentials did not come within 0.3 s",
    });
    assert.ok(Date.now() - started < 19_000);
  });

  it("ends the program that fetches the credentials when it takes too long, and one in time is left alone", async () => {
    await inFolder({}, async (folder) => {
      const exec = (wait: number): object => ({
        apiVersion: "client.authentication.k8s.io/v1",
        command: process.execPath,
        args: [
          "-e",
          `require("node:fs").writeFileSync("${join(folder, "pid")}", String(process.pid));` +
            `setTimeout(() => console.log('{"status":{"token":"t"}}'), ${wait})`,
        ],
        interactiveMode: "Never",
      });
      answer = json({ items: [] });
      const reader = await opened(source(kubeconfig(url(), { exec: exec(0) })), [], 5);
      await reader.list("/api/v1/pods");
      assert.equal(seen[0]?.headers.authorization, "Bearer t");
      await assert.rejects(opened(source(kubeconfig(url(), { exec: exec(60_000) })), [], 1), {
        kind: "timeout",
      });
      const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
      await eventuallyEnded(pid);
    });
  });

  it("is asked without a user where the context names none, with what the kubeconfig says of the cluster", async () => {
    const rest = JSON.parse(kubeconfig(url())) as Record<string, unknown>;
    const [cluster] = rest.clusters as { cluster: object }[];
    const ca = Buffer.from("a CA").toString("base64");
    const text = JSON.stringify({
      ...rest,
      users: [],
      clusters: [{ name: "here", cluster: { ...cluster?.cluster, "certificate-authority-data": ca } }],
      contexts: [{ name: "here", context: { cluster: "here" } }],
    });
    const config = await loadKubeconfig(source(text));
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    assert.equal(options.rejectUnauthorized, false);
    assert.equal(String(options.ca), "a CA");
    answer = json({ items: [] });
    const reader = await ClusterClient.open(config, 5);
    await reader.list("/api/v1/pods");
    assert.equal(seen[0]?.headers.authorization, undefined);
  });
});

/** Waits until a process has ended, for at most five seconds. */
async function eventuallyEnded(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await setTimeout(50);
  }
  assert.fail(`process ${pid} has not ended`);
}
