import assert from "node:assert/strict";
import fc from "fast-check";
import { describeErrors, describeFinding, named } from "../../src/preflight/finding";
import { preflightFindings } from "../../src/preflight/findings";
import { PreflightCheck } from "../../src/args/preflight";
import type { ClusterFacts } from "../../src/preflight/clusterFacts";
import { customPolicy, istiod, meshConfigMap, namespace, object, pod, subject } from "./objects";

const good: ClusterFacts = {
  namespaces: [namespace("shop", { "istio-injection": "enabled" })],
  pods: [pod("shop/web-1", { app: "web" })],
  workloads: [],
  services: [object("shop/web", { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] })],
  authorizationPolicies: [],
  telemetries: [],
  destinationRules: [],
  sidecars: [],
  serviceEntries: [],
  gateways: [],
  istiods: [istiod()],
  injectionWebhooks: [],
  meshConfigMaps: [meshConfigMap("istio", "accessLogFile: /dev/stdout\n")],
  secrets: [],
};

describe("preflight findings", () => {
  it("has nothing to say of a cluster that fits, or that could not be read", () => {
    assert.deepEqual(preflightFindings(good, subject()), []);
    assert.deepEqual(preflightFindings({}, subject({ existingSecret: "keys" })), []);
  });

  it("puts first what stops the run", () => {
    const facts = { ...good, pods: [], authorizationPolicies: [customPolicy("shop/opa", "opa")] };
    assert.deepEqual(
      preflightFindings(facts, subject()).map(({ severity, check }) => `${severity} ${check}`),
      ["error SecondProvider", "warning Workloads"],
    );
  });

  it("bears anything that an API server may list", () => {
    const anything = fc.array(
      fc.dictionary(fc.constantFrom("metadata", "spec", "status", "data"), fc.jsonValue()),
    );
    const facts = fc.record(Object.fromEntries(Object.keys(good).map((key) => [key, anything])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(facts, fc.string(), (listed, text) => {
        const meshes = [{ id: "istio-system/istio", text }];
        for (const finding of preflightFindings(listed, subject({ meshes, existingSecret: "keys" }))) {
          assert.ok(finding.where !== "" && finding.message.endsWith(".") && finding.remedy.endsWith("."));
        }
      }),
    );
  });

  it("reads well", () => {
    const finding = {
      check: PreflightCheck.Workloads,
      severity: "error",
      where: "target a",
      message: "it is so.",
      remedy: "Do this.",
    } as const;
    assert.equal(describeFinding(finding), "target a: it is so.\n    Do this. (check Workloads)");
    assert.equal(
      describeErrors("waf", [finding]),
      'SigsciIstioIntegration "waf": preflight stopped this run, nothing was changed.\n' +
        "  - target a: it is so.\n    Do this. (check Workloads)\n" +
        "  If a finding is wrong for this cluster, name its check in `preflight.ignore`.",
    );
    assert.equal(named(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
  });
});
