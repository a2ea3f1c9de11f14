import assert from "node:assert/strict";
import { mutualTls } from "../../../src/preflight/checks/mutualTls";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import { agentHost, findings, object, subject } from "../objects";

describe("preflight: TLS to the agent", () => {
  const of = (facts: ClusterFacts, changes = {}): string[] =>
    findings([mutualTls], facts, subject(changes)).map(({ severity, where }) => `${severity} ${where}`);
  const rule = (
    id: string,
    host: string,
    trafficPolicy: object = { tls: { mode: "ISTIO_MUTUAL" } },
    exportTo?: string[],
  ) => object(id, { host, trafficPolicy, ...(exportTo && { exportTo }) });
  const meshWide = rule("istio-system/default", "*.local");

  it("warns of a mesh-wide rule, and stops when requests would then be refused", () => {
    assert.deepEqual(findings([mutualTls], { destinationRules: [meshWide] }, subject()), [
      {
        check: PreflightCheck.MutualTls,
        severity: "warning",
        where: "target storefront",
        message:
          "DestinationRule istio-system/default makes its proxies speak TLS to the agent, which has no proxy of its own " +
          "and would not understand them: requests would pass without inspection.",
        remedy: `Add a DestinationRule for ${agentHost} in namespace sigsci: \`trafficPolicy.tls.mode: DISABLE\`.`,
      },
    ]);
    assert.deepEqual(of({ destinationRules: [meshWide] }, { failOpen: false }), ["error target storefront"]);
  });

  it("looks in the caller's namespace, then the agent's, then the root's", () => {
    const plain = rule("sigsci/plain", agentHost, { tls: { mode: "DISABLE" } });
    const local = rule("shop/mtls", "*.sigsci.svc.cluster.local");
    assert.deepEqual(of({ destinationRules: [meshWide, plain] }), []);
    assert.deepEqual(of({ destinationRules: [meshWide, plain, local] }), ["warning target storefront"]);
    const [found] = findings([mutualTls], { destinationRules: [plain, local] }, subject());
    assert.match(found?.remedy ?? "", /^Add .* in namespace shop, whose rules come first: /);
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
    const [own] = findings([mutualTls], { destinationRules: [rule("sigsci/waf", "waf-agent")] }, subject());
    assert.equal(own?.remedy, "Change that DestinationRule: `trafficPolicy.tls.mode: DISABLE`.");
    assert.deepEqual(
      of({ destinationRules: [rule("sigsci/waf", "waf-agent", undefined, ["shop"])] }).length,
      1,
    );
  });

  it("reads a rule for some workloads only where the target has their labels", () => {
    const forSome = (matchLabels: object): string[] => {
      const tls = { tls: { mode: "SIMPLE" } };
      const spec = { host: agentHost, trafficPolicy: tls, workloadSelector: { matchLabels } };
      return of({ destinationRules: [object("shop/some", spec)] });
    };
    assert.deepEqual(forSome({ app: "web" }), ["warning target storefront"]);
    assert.deepEqual(forSome({ app: "batch" }), []);
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
