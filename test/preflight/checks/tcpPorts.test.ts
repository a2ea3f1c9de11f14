import assert from "node:assert/strict";
import { Enforcement } from "../../../src/args/integration";
import { tcpPorts } from "../../../src/preflight/checks/tcpPorts";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import { findings, object, pod, storefront, subject } from "../objects";

const count = (facts: ClusterFacts, changes = {}): number =>
  findings([tcpPorts], facts, subject(changes)).length;
const service = (...ports: object[]): LiveObject => object("shop/web", { selector: { app: "web" }, ports });
const pods = [pod("shop/web-1", { app: "web" })];
const redis = { name: "tcp-cache", port: 6379, targetPort: 6380 };
const http = { name: "http", port: 80, targetPort: 8080 };

describe("preflight: ports without HTTP", () => {
  it("says that HTTP conditions do not hold there, and how to leave the port out", () => {
    const targets = [{ ...storefront, notPaths: ["/healthz"], methods: ["POST"] }];
    assert.deepEqual(findings([tcpPorts], { services: [service(http, redis)], pods }, subject({ targets })), [
      {
        check: PreflightCheck.TcpPorts,
        severity: "warning",
        where: "target storefront",
        message:
          "port 6379 (tcp-cache) of Service shop/web carries no HTTP for Istio: each new connection would wait for the " +
          "agent, which sees no request in it. Its conditions on notPaths, methods do not hold there; Istio ignores them.",
        remedy: "Leave them out with `notPorts: [6380]`, or name the HTTP ports in `ports`.",
      },
    ]);
    const [closed] = findings([tcpPorts], { services: [service(redis)], pods }, subject({ failOpen: false }));
    assert.match(closed?.message ?? "", /sees no request in it and may refuse it\.$/);
  });

  for (const [port, isTcp] of [
    [{ name: "tcp", port: 1 }, true],
    [{ name: "mongo-main", port: 1 }, true],
    [{ name: "https", port: 443 }, true],
    [{ name: "TLS-in", port: 443 }, true],
    [{ name: "db", port: 3306 }, true],
    [{ name: "http-db", port: 3306 }, false],
    [{ name: "http", appProtocol: "tcp", port: 1 }, true],
    [{ name: "tcp", appProtocol: "kubernetes.io/h2c", port: 1 }, false],
    [{ name: "x", appProtocol: "kubernetes.io/wss", port: 1 }, true],
    [{ name: "grpc-web", port: 1 }, false],
    [{ name: "web", port: 8080 }, false],
    [{ port: 8080 }, false],
    [{ name: "tcp-dns", protocol: "UDP", port: 53 }, false],
  ] as const) {
    it(`takes ${JSON.stringify(port)} for ${isTcp ? "TCP" : "HTTP or UDP"}`, () => {
      assert.equal(count({ services: [service(port)], pods }), isTcp ? 1 : 0);
    });
  }

  it("is content when every rule leaves the port out", () => {
    const facts = { services: [service(redis)], pods };
    const rules = (...rule: object[]): object => ({ targets: [{ ...storefront, rules: rule }] });
    assert.equal(count(facts, rules({ notPorts: [6380] })), 0);
    assert.equal(count(facts, rules({ ports: [8080], paths: ["/*"] })), 0);
    assert.equal(count(facts, rules({ ports: [8080] }, { paths: ["/*"] })), 1);
    assert.equal(count(facts, rules({ notPorts: [6379] })), 1, "a rule names container ports");
  });

  it("finds the container port behind a name", () => {
    const named = service({ ...redis, targetPort: "cache" });
    const ports = [{ name: "cache", containerPort: 7000 }];
    const withPort = object(
      "shop/web-1",
      { containers: [{ name: "web", ports }] },
      { labels: { app: "web" } },
    );
    const targets = [{ ...storefront, notPorts: [7000] }];
    assert.equal(count({ services: [named], pods: [withPort] }, { targets }), 0);
    const [unknown] = findings([tcpPorts], { services: [named], pods }, subject());
    assert.equal(unknown?.remedy, "Name the HTTP ports in `ports`, or those of TCP in `notPorts`.");
  });

  it("looks at Services of the target only, and not with EnvoyFilters", () => {
    const other = object("shop/db", { selector: { app: "db" }, ports: [redis] });
    const headless = object("shop/external", { ports: [redis] });
    const elsewhere = object("bank/web", { selector: { app: "web" }, ports: [redis] });
    assert.equal(count({ services: [other, headless, elsewhere], pods }), 0);
    assert.equal(count({ services: [service(redis)] }), 1, "by labels when no pod is there yet");
    assert.equal(count({ services: [service(redis)], pods }, { enforcement: Enforcement.EnvoyFilter }), 0);
    assert.equal(count({ pods }), 0);
  });
});
