import assert from "node:assert/strict";
import { Enforcement } from "../../../src/args/integration";
import { PreflightCheck } from "../../../src/args/preflight";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import { grpcPorts } from "../../../src/preflight/checks/grpcPorts";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import type { PreflightSubject } from "../../../src/preflight/subject";
import { findings, object, pod, storefront, subject } from "../objects";

const count = (facts: ClusterFacts, changes: Partial<PreflightSubject> = {}): number =>
  findings([grpcPorts], facts, subject(changes)).length;
const service = (...ports: object[]): LiveObject => object("shop/web", { selector: { app: "web" }, ports });
const pods = [pod("shop/web-1", { app: "web" })];
const grpc = { name: "grpc", port: 90, targetPort: 9000 };
const http = { name: "http", port: 80, targetPort: 8080 };
const facts = { services: [service(http, grpc)], pods };

describe("preflight: ports for gRPC", () => {
  const message =
    "port 90 (grpc) of Service shop/web carries gRPC: a stream whose client waits for answers hangs, since Envoy holds " +
    "its body for the inspection until it is complete.";
  const finding = {
    check: PreflightCheck.GrpcPorts,
    severity: "warning",
    where: "target storefront",
    message,
  };

  it("names them, and the way out of each enforcement", () => {
    assert.deepEqual(findings([grpcPorts], facts, subject()), [
      {
        ...finding,
        remedy:
          "Leave them uninspected with `notPorts: [9000]`, set `inspection.body.enabled` to false, or set `enforcement` " +
          'to "EnvoyFilter" with `grpcPorts: [9000]`.',
      },
    ]);
    assert.deepEqual(findings([grpcPorts], facts, subject({ enforcement: Enforcement.EnvoyFilter })), [
      {
        ...finding,
        remedy:
          "Name the ports of the containers in `grpcPorts: [9000]`: gRPC is checked by its headers there.",
      },
    ]);
  });

  it("is content when they are named, left out, or no body is held", () => {
    const enforcement = Enforcement.EnvoyFilter;
    const target = (changes: object): PreflightSubject["targets"] => [{ ...storefront, ...changes }];
    assert.equal(count(facts, { enforcement, targets: target({ grpcPorts: [9000] }) }), 0);
    assert.equal(count(facts, { enforcement, targets: target({ grpcPorts: [90] }) }), 1, "container ports");
    assert.equal(count(facts, { targets: target({ notPorts: [9000] }) }), 0);
    assert.equal(count(facts, { targets: target({ ports: [8080] }) }), 0);
    assert.equal(count(facts, { sendsBodies: false }), 0);
  });

  for (const [port, isGrpc] of [
    [{ name: "grpc-orders", port: 1 }, true],
    [{ name: "GRPC", port: 1 }, true],
    [{ name: "http", appProtocol: "grpc", port: 1 }, true],
    [{ name: "grpc", appProtocol: "http", port: 1 }, false],
    [{ name: "grpc-web", port: 1 }, false],
    [{ name: "grpcish", port: 1 }, false],
    [{ name: "http2", port: 1 }, false],
    [{ port: 1 }, false],
  ] as const) {
    it(`takes ${JSON.stringify(port)} for ${isGrpc ? "gRPC" : "something else"}`, () => {
      assert.equal(count({ services: [service(port)], pods }), isGrpc ? 1 : 0);
    });
  }

  it("knows no number of a port with a name, unless a pod has it", () => {
    const services = [service({ ...grpc, targetPort: "rpc" })];
    const enforcement = Enforcement.EnvoyFilter;
    const [unknown] = findings([grpcPorts], { services, pods }, subject({ enforcement }));
    assert.match(unknown?.remedy ?? "", /in `grpcPorts`:/);
    const containers = [{ name: "web", ports: [{ name: "rpc", containerPort: 7000 }] }];
    const known = object("shop/web-1", { containers }, { labels: { app: "web" } });
    const [found] = findings([grpcPorts], { services, pods: [known] }, subject({ enforcement }));
    assert.match(found?.remedy ?? "", /`grpcPorts: \[7000\]`/);
  });

  it("looks at Services of the target only", () => {
    const other = object("shop/db", { selector: { app: "db" }, ports: [grpc] });
    assert.equal(count({ services: [other], pods }), 0);
    assert.equal(count({ services: [service(grpc)] }), 1, "by labels when no pod is there yet");
    assert.equal(count({ pods }), 0);
  });
});
