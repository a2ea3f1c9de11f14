import assert from "node:assert/strict";
import { TargetKind } from "../../../src/args/targets";
import { serviceVisibility } from "../../../src/preflight/checks/serviceVisibility";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import { agentHost, findings, object, pod, storefront, subject } from "../objects";

describe("preflight: Sidecar resources", () => {
  const of = (facts: ClusterFacts, changes = {}): string[] =>
    findings([serviceVisibility], facts, subject(changes)).map(
      ({ severity, where }) => `${severity} ${where}`,
    );
  const sidecar = (id: string, hosts: string[], spec: object = {}): LiveObject =>
    object(id, { egress: [{ hosts }], ...spec });

  it("warns of proxies that cannot ask, and stops when they would then refuse", () => {
    const sidecars = [sidecar("shop/default", ["./*", "istio-system/*"])];
    assert.deepEqual(findings([serviceVisibility], { sidecars }, subject()), [
      {
        check: PreflightCheck.ServiceVisibility,
        severity: "warning",
        where: "target storefront",
        message:
          `the Sidecar resource shop/default does not let its proxies know the agent's host ${agentHost}. They could not ` +
          "ask it: requests would pass without inspection.",
        remedy: `Add "sigsci/${agentHost}" to \`egress.hosts\` of that Sidecar resource.`,
      },
    ]);
    const [closed] = findings([serviceVisibility], { sidecars }, subject({ failOpen: false }));
    assert.equal(closed?.severity, "error");
    assert.match(closed.message, /requests would be refused, because of `inspection\.failOpen: false`\.$/);
  });

  for (const [hosts, isHidden] of [
    [["*/*"], false],
    [["sigsci/*"], false],
    [[`sigsci/${agentHost}`], false],
    [["*/*.cluster.local"], false],
    [["sigsci/*.corp.example"], true],
    [["./*"], true],
    [["~/*"], true],
    [["bank/*", "sigsci/*"], false],
    [["*/*", "~sigsci/*"], true],
    [["*/*", `~sigsci/${agentHost}`], true],
    [["*/*", "~/*.cluster.local"], true],
    [["*/*", "~bank/*"], false],
    [["*/*", "~sigsci/*.corp.example"], false],
  ] as const) {
    it(`${isHidden ? "finds" : "does not find"} the agent hidden by ${hosts.join(", ")}`, () => {
      const expected = isHidden ? ["warning target storefront"] : [];
      assert.deepEqual(of({ sidecars: [sidecar("shop/default", [...hosts])] }), expected);
    });
  }

  it("takes the Sidecar resource that the proxies use", () => {
    const wide = sidecar("shop/default", ["./*"]);
    const own = sidecar("shop/web", ["*/*"], { workloadSelector: { labels: { app: "web" } } });
    const root = sidecar("istio-system/default", ["./*"]);
    assert.deepEqual(of({ sidecars: [wide, own] }), []);
    assert.deepEqual(of({ sidecars: [sidecar("shop/default", ["*/*"]), root] }), []);
    assert.deepEqual(of({ sidecars: [root] }), ["warning target storefront"]);
    assert.deepEqual(of({ sidecars: [sidecar("bank/default", ["./*"])] }), []);
    const pods = [pod("shop/web-1", { app: "web", tier: "edge" })];
    const edge = sidecar("shop/edge", ["./*"], { workloadSelector: { labels: { tier: "edge" } } });
    assert.deepEqual(of({ sidecars: [edge], pods }), ["warning target storefront"]);
  });

  it("counts an egress listener with another port for nothing, and none at all for everything", () => {
    const port = (number: number): LiveObject =>
      object("shop/default", { egress: [{ port: { number }, hosts: ["*/*"] }] });
    assert.deepEqual(of({ sidecars: [port(8080)] }), ["warning target storefront"]);
    assert.deepEqual(of({ sidecars: [port(9999)] }), []);
    assert.deepEqual(of({ sidecars: [object("shop/default", { ingress: [] })] }), []);
  });

  it("leaves gateways alone, to which Istio adds the hosts itself", () => {
    const targets = [{ ...storefront, kind: TargetKind.Gateway }];
    assert.deepEqual(of({ sidecars: [sidecar("shop/default", ["./*"])] }, { targets }), []);
  });
});
