import assert from "node:assert/strict";
import { Enforcement } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { objectsIn } from "../../src/render/clusterObjects";
import { grpcWarnings } from "../../src/render/grpcPorts";
import { recordComponent } from "../component/program";

const workload = (namespace: string | undefined, name: string): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name, ports: [{ name: "rpc", containerPort: 9000 }] }] },
    },
  },
});
const service = (namespace: string | undefined, name: string): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: {
    selector: { app: name },
    ports: [
      { name: "http", port: 80, targetPort: 8080 },
      { name: "grpc-orders", port: 90, targetPort: "rpc" },
    ],
  },
});
const web = { name: "web", namespace: "shop", matchLabels: { app: "web" } };

async function warnings(
  args: Partial<SigsciIstioIntegrationArgs>,
  manifests: object[] = [workload("shop", "web"), service("shop", "web")],
): Promise<string[]> {
  const { resources } = await recordComponent({ targets: [web], ...args });
  return grpcWarnings(resources, objectsIn(manifests, "test.yaml"), "shop");
}

describe("render: ports for gRPC", () => {
  it("names what preflight names, from the given manifests", async () => {
    const [warning, ...more] = await warnings({ enforcement: Enforcement.EnvoyFilter });
    assert.deepEqual(more, []);
    assert.equal(
      warning,
      "target web: port 90 (grpc-orders) of Service shop/web carries gRPC: a stream whose client waits for answers " +
        "hangs, since Envoy holds its body for the inspection until it is complete. Name the ports of the containers in " +
        "`grpcPorts: [9000]`: gRPC is checked by its headers there.",
    );
    const [ofPolicy] = await warnings({});
    assert.match(ofPolicy ?? "", /Leave them uninspected with `notPorts: \[9000\]`/);
    assert.equal((await warnings({}, [workload(undefined, "web"), service(undefined, "web")])).length, 1);
  });

  it("takes the names of container ports and probes by gRPC where no Service is given", async () => {
    const server = (container: object): object => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop" },
      spec: {
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "server", ...container }] },
        },
      },
    });
    for (const container of [
      { ports: [{ name: "grpc", containerPort: 7070 }] },
      { ports: [{ containerPort: 7070 }], readinessProbe: { grpc: { port: 7070 } } },
    ]) {
      const [warning, ...more] = await warnings({}, [server(container)]);
      assert.match(
        warning ?? "",
        /^target web: port 7070 of container server carries gRPC: .*`notPorts: \[7070\]`/,
      );
      assert.deepEqual(more, []);
    }
  });

  it("is content where nothing hangs", async () => {
    const targets = [{ ...web, grpcPorts: [9000] }];
    assert.deepEqual(await warnings({ enforcement: Enforcement.EnvoyFilter, targets }), []);
    assert.deepEqual(await warnings({ inspection: { body: { enabled: false } } }), []);
    assert.deepEqual(await warnings({ teardown: true }), []);
    const others = [
      workload("shop", "db"),
      service("shop", "db"),
      workload("bank", "web"),
      service("bank", "web"),
    ];
    assert.deepEqual(await warnings({}, others), []);
    assert.deepEqual(await warnings({}, []), []);
  });
});
