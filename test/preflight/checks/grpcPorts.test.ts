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

  describe("that only the containers name", () => {
    const withContainer = (container: object): LiveObject[] => [
      object("shop/web-1", { containers: [{ name: "web", ...container }] }, { labels: { app: "web" } }),
    ];
    const named9000 = withContainer({ ports: [{ name: "grpc-orders", containerPort: 9000 }] });
    const said = (containers: LiveObject[], services: LiveObject[] = []): string[] =>
      findings([grpcPorts], { services, pods: containers }, subject()).map(({ message: text }) => text);
    const alone = message.replace("port 90 (grpc) of Service shop/web", "port 9000 of container web");

    it("are named by their number, once for all pods", () => {
      assert.deepEqual(said([...named9000, ...named9000]), [alone]);
      const [found] = findings([grpcPorts], { services: [], pods: named9000 }, subject());
      assert.match(found?.remedy ?? "", /^Leave them uninspected with `notPorts: \[9000\]`/);
    });

    it("are those of a probe by gRPC, too", () => {
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
        const ports = [{ containerPort: 9000 }];
        assert.deepEqual(said(withContainer({ ports, [probe]: { grpc: { port: 9000 } } })), [alone], probe);
      }
      assert.deepEqual(said(withContainer({ readinessProbe: { httpGet: { port: 9000 } } })), []);
      assert.deepEqual(said(withContainer({ ports: [{ name: "http", containerPort: 9000 }] })), []);
    });

    it("are left to the Service that leads to them", () => {
      assert.deepEqual(said(named9000, [service({ ...http, targetPort: 9000 })]), []);
      assert.deepEqual(said(named9000, [service({ ...grpc, targetPort: "grpc-orders" })]), [message]);
      assert.deepEqual(said(named9000, [service(grpc), service(http)]), [message]);
      const both = said(withContainer({ ports: [{ name: "grpc", containerPort: 7000 }] }), [service(grpc)]);
      assert.match(
        both[0] ?? "",
        /^port 90 \(grpc\) of Service shop\/web, port 7000 of container web carry gRPC: /,
      );
    });

    it("are left out by the rules of the target, and not looked for behind a reference", () => {
      const targets = (changes: object): { targets: PreflightSubject["targets"] } => ({
        targets: [{ ...storefront, ...changes }],
      });
      const cluster = { services: [], pods: named9000 };
      assert.equal(count(cluster, targets({ notPorts: [9000] })), 0);
      assert.equal(count(cluster, targets({ ports: [8080] })), 0);
      const targetRefs = [{ kind: "Service", name: "web" }];
      assert.equal(count(cluster, targets({ matchLabels: undefined, targetRefs })), 0);
    });
  });

  it("looks at Services of the target only", () => {
    const other = object("shop/db", { selector: { app: "db" }, ports: [grpc] });
    assert.equal(count({ services: [other], pods }), 0);
    assert.equal(count({ services: [service(grpc)] }), 1, "by labels when no pod is there yet");
    assert.equal(count({ pods }), 0);
  });
});
