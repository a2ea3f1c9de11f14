import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PreflightCheck } from "../../src/preflight/args";
import type { PreflightArgs } from "../../src/preflight/args";
import type { ReadResource } from "../../src/preflight/beforeRead";
import { missingReadRight } from "../../src/preflight/readRight";

describe("preflight: the right to read", () => {
  let server: Server;
  let allowed: boolean;
  let status: number;
  const asked: unknown[] = [];

  before((done) => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
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
    status = 201;
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
      call: () => ({}),
    });
    const { port } = server.address() as AddressInfo;
    pulumi.runtime.setConfig("kubernetes:kubeconfig", kubeconfigOf(`http://127.0.0.1:${port}`));
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
    missingReadRight(
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

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    clusters: [{ name: "here", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user: { token: "secret-token" } }],
    contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
  });
}
