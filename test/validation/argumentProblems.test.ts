import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { argumentProblems, argumentWarnings } from "../../src/validation";
import { describeProblem } from "../../src/validation/problem";
import { smallest } from "../component/program";

const messages = (args: Partial<SigsciIstioIntegrationArgs>, name = "waf"): string[] =>
  argumentProblems(name, { ...smallest, ...args }).map(describeProblem);
const at = (
  namespace: string,
  matchLabels?: Record<string, string>,
): Partial<SigsciIstioIntegrationArgs> => ({
  targets: [{ name: "web", namespace, ...(matchLabels && { matchLabels }) }],
});

describe("argumentProblems", () => {
  it("accepts the smallest program", () => {
    assert.deepEqual(messages({}), []);
  });

  it("reports the types first and nothing else with them", () => {
    const args: unknown = { ...smallest, targets: [], teardown: "yes" };
    assert.deepEqual(
      argumentProblems("waf", args).map(({ path }) => path),
      ["teardown"],
    );
  });

  it("reports every group of arguments at once", () => {
    assert.deepEqual(
      argumentProblems("waf", {
        credentials: {},
        namespace: "A",
        agent: { port: 0 },
        inspection: { timeout: "0.2" },
        mesh: { revisions: [] },
        targets: [],
        labels: { "a b": "x" },
        annotations: { "a b": "x" },
      }).map(({ path }) => path),
      [
        "namespace",
        "credentials",
        "agent.port",
        "inspection.timeout",
        "mesh.revisions",
        "targets",
        'labels["a b"]',
        'annotations["a b"]',
      ],
    );
  });

  it("refuses a name of the component that its objects cannot have", () => {
    const remedy = "Use lower case letters, digits and hyphens, for example waf.";
    const message = (name: string, reason: string): string =>
      `(name of the component) = '${name}': Kubernetes objects and mesh providers are named after it, and ${reason}\n    ${remedy}`;
    const reason =
      "only lower-case letters, digits and hyphens are allowed, with a letter first and no hyphen last";
    assert.equal(messages({}, "Waf")[0], message("Waf", reason));
    assert.equal(messages({}, "1waf")[0], message("1waf", reason));
    assert.deepEqual(messages({}, "a".repeat(52)), []);
    assert.deepEqual(messages({}, "a".repeat(53)), [
      message("a".repeat(53), "it has more than 52 characters"),
    ]);
  });

  it("refuses a target that selects the agent's own pods", () => {
    const message =
      "targets[0]: it also selects the agent's own pods, so each check would cause another check\n" +
      "    Give labels that the agent does not carry, or put the agent into another namespace.";
    assert.deepEqual(messages(at("sigsci")), [message]);
    assert.deepEqual(messages(at("sigsci", { app: "waf-agent" })), [message]);
    assert.deepEqual(messages({ ...at("pay"), namespace: "pay" }), [message]);
    assert.deepEqual(messages({ ...at("sigsci", { tier: "x" }), agent: { podLabels: { tier: "x" } } }), [
      message,
    ]);
    assert.deepEqual(messages(at("istio-system", { app: "waf-agent" })), [message]);
    assert.deepEqual(messages(at("sigsci", { app: "web" })), []);
    assert.deepEqual(messages({ ...at("sigsci"), namespace: "security" }), []);
  });

  it("refuses the whole mesh", () => {
    const message = (namespace: string): string =>
      `targets[0]: ${namespace} is Istio's root namespace, so a policy without labels applies to the whole mesh\n` +
      "    Give matchLabels, or list the namespaces that you mean as targets.";
    assert.deepEqual(messages(at("istio-system")), [message("istio-system")]);
    assert.deepEqual(messages({ ...at("mesh"), mesh: { istioNamespace: "mesh" } }), [message("mesh")]);
    assert.deepEqual(messages({ ...at("istio-system"), mesh: { istioNamespace: "mesh" } }), []);
    assert.deepEqual(messages(at("istio-system", { app: "gateway" })), []);
  });

  it("skips places that are known only later", () => {
    const later = pulumi.output("sigsci");
    assert.deepEqual(messages({ targets: [{ name: "web", namespace: later }] }), []);
    assert.deepEqual(messages({ ...at("pay"), namespace: pulumi.output("pay") }), []);
    assert.deepEqual(messages({ ...at("mesh"), mesh: { istioNamespace: pulumi.output("mesh") } }), []);
  });

  it("refuses common labels that the component needs, and bad ones", () => {
    const message = (key: string): string =>
      `labels["${key}"] = 'x': the component needs this label itself\n    Use another label key.`;
    for (const key of ["app", "app.kubernetes.io/name", "sidecar.istio.io/inject"]) {
      assert.deepEqual(messages({ labels: { [key]: "x" } }), [message(key)]);
    }
    const reason =
      "only letters, digits, hyphens, underscores and dots are allowed, with a letter or a digit at both ends";
    assert.deepEqual(messages({ labels: { team: "a b", later: pulumi.output("a b") } }), [
      `labels["team"] = 'a b': ${reason}\n    Use a valid Kubernetes label value.`,
    ]);
    assert.deepEqual(messages({ annotations: { "a b": "any text" } }), [
      `annotations["a b"] = 'any text': as a key, ${reason}\n    Use a valid Kubernetes annotation key.`,
    ]);
  });

  it("refuses several replicas with response data, and says the ways out", () => {
    assert.deepEqual(messages({ agent: { replicas: 2 } }).length, 1);
    assert.match(messages({ agent: { replicas: 2 } })[0] ?? "", /^agent\.replicas = 2: /);
    assert.deepEqual(messages({ agent: { replicas: 2, expectResponseData: false } }), []);
  });
});

describe("argumentWarnings", () => {
  const today = new Date("2026-09-20");
  const warnings = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
    argumentWarnings({ ...smallest, ...args }, today);

  it("is silent about the smallest program", () => {
    assert.deepEqual(warnings({}), []);
  });

  it("says what a target in the root namespace does not get", () => {
    const message =
      "targets[0] is in Istio's root namespace: its policy applies to workloads with these labels in every " +
      "namespace, but its Telemetry only to those in the root namespace.";
    assert.deepEqual(warnings(at("istio-system", { app: "gateway" })), [message]);
    assert.deepEqual(warnings({ ...at("mesh", { app: "x" }), mesh: { istioNamespace: "mesh" } }), [message]);
    assert.deepEqual(warnings({ ...at("istio-system", { app: "x" }), mesh: { istioNamespace: "mesh" } }), []);
  });

  it("joins those of the agent and of the inspection", () => {
    const given = warnings({ agent: { image: { tag: "latest" } }, inspection: { failOpen: false } });
    assert.match(given[0] ?? "", /^agent\.image: /);
    assert.match(given.at(-1) ?? "", /^inspection\.failOpen is false/);
  });
});
