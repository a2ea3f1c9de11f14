import assert from "node:assert/strict";
import { TargetKind } from "../../src/args/targets";
import { mutualTlsFindings } from "../../src/preflight/checks/mutualTls";
import { serviceVisibilityFindings } from "../../src/preflight/checks/serviceVisibility";
import { PreflightCheck } from "../../src/args/preflight";
import type { ClusterFacts } from "../../src/preflight/clusterFacts";
import type { LiveObject } from "../../src/kubernetes/liveObject";
import { agentHost, object, pod, storefront, subject } from "./objects";

describe("preflight: Sidecar resources", () => {
  const of = (facts: ClusterFacts, changes = {}): string[] =>
    serviceVisibilityFindings(facts, subject(changes)).map(({ severity, where }) => `${severity} ${where}`);
  const sidecar = (id: string, hosts: string[], spec: object = {}): LiveObject =>
    object(id, { egress: [{ hosts }], ...spec });

  it("warns of proxies that cannot ask, and stops when they would then refuse", () => {
    const sidecars = [sidecar("shop/default", ["./*", "istio-system/*"])];
    assert.deepEqual(serviceVisibilityFindings({ sidecars }, subject()), [
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
    const [closed] = serviceVisibilityFindings({ sidecars }, subject({ failOpen: false }));
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

describe("preflight: TLS to the agent", () => {
  const of = (facts: ClusterFacts, changes = {}): string[] =>
    mutualTlsFindings(facts, subject(changes)).map(({ severity, where }) => `${severity} ${where}`);
  const rule = (
    id: string,
    host: string,
    trafficPolicy: object = { tls: { mode: "ISTIO_MUTUAL" } },
    exportTo?: string[],
  ) => object(id, { host, trafficPolicy, ...(exportTo && { exportTo }) });
  const meshWide = rule("istio-system/default", "*.local");

  it("warns of a mesh-wide rule, and stops when requests would then be refused", () => {
    assert.deepEqual(mutualTlsFindings({ destinationRules: [meshWide] }, subject()), [
      {
        check: PreflightCheck.MutualTls,
        severity: "warning",
        where: "target storefront",
        message:
          "DestinationRule istio-system/default makes its proxies speak TLS to the agent, which has no proxy of its own " +
          "and would not understand them: requests would pass without inspection.",
        remedy: `Add a DestinationRule for ${agentHost} with \`trafficPolicy.tls.mode: DISABLE\`, in namespace sigsci.`,
      },
    ]);
    assert.deepEqual(of({ destinationRules: [meshWide] }, { failOpen: false }), ["error target storefront"]);
  });

  it("looks in the caller's namespace, then the agent's, then the root's", () => {
    const plain = rule("sigsci/plain", agentHost, { tls: { mode: "DISABLE" } });
    const local = rule("shop/mtls", "*.sigsci.svc.cluster.local");
    assert.deepEqual(of({ destinationRules: [meshWide, plain] }), []);
    assert.deepEqual(of({ destinationRules: [meshWide, plain, local] }), ["warning target storefront"]);
    const [found] = mutualTlsFindings({ destinationRules: [plain, local] }, subject());
    assert.match(found?.remedy ?? "", /in namespace shop, whose rules come first\.$/);
    assert.deepEqual(of({ destinationRules: [rule("bank/mtls", "*.local")] }), []);
  });

  it("takes the closest host of a namespace, completes short ones, and reads exportTo", () => {
    const short = rule("sigsci/short", "waf-agent", { tls: { mode: "DISABLE" } });
    assert.deepEqual(
      of({ destinationRules: [rule("sigsci/wide", "*.sigsci.svc.cluster.local"), short] }),
      [],
    );
    assert.deepEqual(of({ destinationRules: [rule("sigsci/waf", "waf-agent")] }), [
      "warning target storefront",
    ]);
    assert.deepEqual(of({ destinationRules: [rule("sigsci/waf", "waf-agent", undefined, ["."])] }), []);
    assert.deepEqual(
      of({ destinationRules: [rule("sigsci/waf", "waf-agent", undefined, ["shop"])] }).length,
      1,
    );
  });

  it("reads the settings of the agent's port first, and knows rules without TLS", () => {
    const ported = {
      tls: { mode: "ISTIO_MUTUAL" },
      portLevelSettings: [{ port: { number: 9999 }, tls: { mode: "DISABLE" } }],
    };
    assert.deepEqual(of({ destinationRules: [rule("sigsci/waf", agentHost, ported)] }), []);
    const only = { portLevelSettings: [{ port: { number: 9999 }, tls: { mode: "SIMPLE" } }] };
    assert.deepEqual(of({ destinationRules: [rule("sigsci/waf", agentHost, only)] }).length, 1);
    assert.deepEqual(of({ destinationRules: [rule("sigsci/waf", agentHost, { loadBalancer: {} })] }), []);
    assert.deepEqual(of({}), []);
  });
});
