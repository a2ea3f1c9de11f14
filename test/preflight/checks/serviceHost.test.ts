import assert from "node:assert/strict";
import { Enforcement, Placement } from "../../../src/args/integration";
import { serviceHost } from "../../../src/preflight/checks/serviceHost";
import { workloads } from "../../../src/preflight/checks/workloads";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import { agentHost, findings, istiod, namespace, object, subject } from "../objects";

const of = (facts: ClusterFacts, changes = {}): string[] =>
  findings([serviceHost, workloads], facts, subject(changes)).map(
    ({ check, severity, where }) => `${severity} ${check} ${where}`,
  );

const discovering = (selector: object): object => ({
  meshes: [{ id: "istio-system/istio", text: `discoverySelectors: ${JSON.stringify([selector])}\n` }],
});

describe("preflight: the agent's host", () => {
  it("stops when istiod runs for another domain", () => {
    const other = istiod({}, { args: ["discovery", "--domain", "corp.example"] });
    assert.deepEqual(findings([serviceHost, workloads], { istiods: [other] }, subject()), [
      {
        check: PreflightCheck.ServiceHost,
        severity: "error",
        where: 'mesh.clusterDomain = "cluster.local"',
        message:
          `istiod runs for the domain corp.example, so it does not know the host ${agentHost}: Istio would not find the ` +
          "agent and answer 403 to every request that a policy matches, also with `failOpen`.",
        remedy: 'Set `mesh.clusterDomain` to "corp.example".',
      },
    ]);
    const joined = istiod({}, { args: ["discovery", "--domain=corp.example"] });
    assert.equal(of({ istiods: [joined] }).length, 1);
    assert.deepEqual(of({ istiods: [istiod(), istiod({}, { args: ["discovery"] })] }), []);
    assert.deepEqual(of({ istiods: [other] }, { placement: Placement.Sidecar }), []);
  });

  it("stops when a ServiceEntry of another namespace defines the host too", () => {
    const entry = (id: string, host = agentHost): object => object(id, { hosts: [host] });
    assert.deepEqual(of({ serviceEntries: [entry("shop/copy")] } as ClusterFacts), [
      `error ServiceHost host ${agentHost}`,
    ]);
    assert.deepEqual(
      of({ serviceEntries: [entry("sigsci/own"), entry("shop/x", "x.local")] } as ClusterFacts),
      [],
    );
    const agent = {
      namespace: "sigsci",
      namespaceLabels: {},
      host: "waf-agent.sidecar.internal",
      port: 9999,
    };
    const sidecar = { placement: Placement.Sidecar, agent };
    const own = entry("istio-system/waf-agent", agent.host);
    assert.deepEqual(of({ serviceEntries: [own] } as ClusterFacts, sidecar), []);
    assert.equal(
      of({ serviceEntries: [own, entry("shop/other", agent.host)] } as ClusterFacts, sidecar).length,
      1,
    );
  });

  it("stops when discoverySelectors leave out the agent, and warns when they leave out a target", () => {
    const byLabel = discovering({ matchLabels: { mesh: "on" } });
    const namespaces = [namespace("shop", { mesh: "on" }), namespace("sigsci", { mesh: "off" })];
    assert.deepEqual(of({ namespaces }, byLabel), ["error ServiceHost namespace sigsci"]);
    const created = { ...byLabel, agent: { ...subject().agent, namespaceLabels: { mesh: "on" } } };
    assert.deepEqual(of({ namespaces }, created), []);
    assert.deepEqual(of({ namespaces: [namespace("shop")] }, created), ["warning Workloads namespace shop"]);
    assert.deepEqual(of({}, byLabel), [], "nothing is known of the namespaces");
  });

  for (const [operator, labels, found] of [
    ["In", { mesh: "on" }, false],
    ["In", {}, true],
    ["NotIn", {}, false],
    ["NotIn", { mesh: "on" }, true],
    ["Exists", { mesh: "x" }, false],
    ["Exists", {}, true],
    ["DoesNotExist", {}, false],
    ["DoesNotExist", { mesh: "x" }, true],
  ] as const) {
    it(`reads ${operator} for the labels ${JSON.stringify(labels)}`, () => {
      const selector = discovering({ matchExpressions: [{ key: "mesh", operator, values: ["on"] }] });
      const agent = { ...subject().agent, namespaceLabels: labels };
      const expected = found ? ["error ServiceHost namespace sigsci"] : [];
      assert.deepEqual(of({ namespaces: [] }, { ...selector, agent }), expected);
    });
  }

  it("knows the label that every namespace has", () => {
    const selector = discovering({
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["sigsci"] }],
    });
    assert.deepEqual(of({ namespaces: [namespace("shop")] }, selector), ["warning Workloads namespace shop"]);
  });

  it("does not matter to EnvoyFilters", () => {
    const other = istiod({}, { args: ["--domain", "corp.example"] });
    assert.deepEqual(of({ istiods: [other] }, { enforcement: Enforcement.EnvoyFilter }), []);
  });
});
