import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PreflightCheck } from "../../src/args/preflight";
import type { PreflightArgs } from "../../src/args/preflight";
import { readFailure } from "../../src/kubernetes/readRight";
import type { ReadResource } from "../../src/kubernetes/readRight";
import { inFolder } from "../render/temporaryFolder";

describe("preflight: the right to read", () => {
  let server: Server;
  let allowed: boolean;
  let status: number;
  let isThere: boolean;
  const asked: unknown[] = [];
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  before((done) => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        if (request.method === "GET") {
          asked.push(request.url);
          response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" }).end("{}");
          return;
        }
        asked.push(JSON.parse(body));
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify({ status: { allowed } }));
      });
    }).listen(0, "127.0.0.1", done);
  });
  beforeEach(async () => {
    asked.length = 0;
    allowed = false;
    isThere = true;
    status = 201;
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
      call: () => ({}),
    });
    pulumi.runtime.setConfig("kubernetes:kubeconfig", kubeconfigOf(url()));
  });
  after((done) => {
    pulumi.runtime.setAllConfig({});
    server.closeAllConnections();
    server.close(done);
  });

  const missing = (
    resource: ReadResource,
    id: string,
    preflight: PreflightArgs = {},
    options: pulumi.ComponentResourceOptions = {},
  ): Promise<string | undefined> =>
    readFailure(
      new pulumi.ComponentResource("test:index:Reader", "waf", {}, options),
      preflight,
      resource,
      id,
    );

  it("is asked for by verb, resource, namespace and name", async () => {
    allowed = true;
    assert.equal(await missing("deployments", "istio-system/istiod"), undefined);
    const attributes = {
      verb: "get",
      group: "apps",
      resource: "deployments",
      namespace: "istio-system",
      name: "istiod",
    };
    const [question] = asked as { spec: { resourceAttributes: object } }[];
    assert.deepEqual(question?.spec.resourceAttributes, attributes);
  });

  it("is not enough for a workload that is gone: how it leaves the stack is said before the read fails", async () => {
    [allowed, isThere] = [true, false];
    assert.equal(
      await missing("daemonsets", "shop/web"),
      "daemonsets.apps shop/web does not exist, and the run stops there. If it was deleted for good, take what names " +
        "it out of the program and run\n      pulumi up --refresh\n    or run `pulumi destroy --refresh`: only a " +
        "refresh takes the patch of an object that is gone out of the state.",
    );
    assert.equal(asked[1], "/apis/apps/v1/namespaces/shop/daemonsets/web");
    // A mesh ConfigMap may come later.
    assert.equal(await missing("configmaps", "istio-system/istio"), undefined);
    assert.equal(asked.length, 3);
  });

  for (const [resource, what, group] of [
    ["configmaps", "configmaps", ""],
    ["statefulsets", "statefulsets.apps", "apps"],
  ] as const) {
    it(`of ${resource} is named with the rule to grant when it is missing`, async () => {
      assert.equal(
        await missing(resource, "shop/web"),
        `the user of this run may not get ${what} shop/web, which is read before anything is created; the run stops ` +
          "there. Grant\n      in a Role in shop:\n      rules:\n" +
          `        - { apiGroups: ["${group}"], resources: ["${resource}"], resourceNames: ["web"], verbs: ["get"] }\n` +
          "    The complete Roles are in docs/permissions.yaml.",
      );
    });
  }

  it("is asked for with credentials that are fetched once for a component", async () => {
    allowed = true;
    await inFolder({ "token.js": tokenProgram }, async (folder) => {
      const exec = {
        apiVersion: "client.authentication.k8s.io/v1",
        command: process.execPath,
        interactiveMode: "Never",
      };
      const user = { exec: { ...exec, args: [join(folder, "token.js"), join(folder, "calls")] } };
      pulumi.runtime.setConfig("kubernetes:kubeconfig", kubeconfigOf(url(), user));
      const component = new pulumi.ComponentResource("test:index:Reader", "waf");
      await Promise.all(
        ["a", "b", "c"].map((name) => readFailure(component, {}, "configmaps", `shop/${name}`)),
      );
      assert.equal(asked.length, 3);
      assert.equal(readFileSync(join(folder, "calls"), "utf8"), "x");
    });
  });

  it("is left to the read when nobody answers", async () => {
    status = 503;
    assert.equal(await missing("configmaps", "shop/web"), undefined);
    assert.equal(asked.length, 1);
  });

  it("is not asked for where Pulumi may be another user, nor where the check is left out", async () => {
    const provider = new k8s.Provider("other", { kubeconfig: "{}" });
    assert.equal(await missing("configmaps", "shop/web", {}, { provider }), undefined);
    const ignore = [PreflightCheck.Permissions];
    assert.equal(await missing("configmaps", "shop/web", { ignore }), undefined);
    assert.equal(await missing("configmaps", "shop/web", { context: "another" }), undefined);
    assert.deepEqual(asked, []);
  });
});

/** Notes each call in a file and prints a token. */
const tokenProgram = `
  require("node:fs").appendFileSync(process.argv[2], "x");
  const status = { token: "secret-token", expirationTimestamp: new Date(Date.now() + 3600000).toISOString() };
  console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status }));
`;

function kubeconfigOf(server: string, user: object = { token: "secret-token" }): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    clusters: [{ name: "here", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user }],
    contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
  });
}
