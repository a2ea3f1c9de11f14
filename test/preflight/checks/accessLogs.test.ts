import assert from "node:assert/strict";
import fc from "fast-check";
import { accessLogs } from "../../../src/preflight/checks/accessLogs";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import { findings, object, storefront, subject } from "../objects";

const messages = (facts: ClusterFacts, changes = {}): string[] =>
  findings([accessLogs], facts, subject(changes)).map(({ message }) => message);
const mesh = (text: string): object => ({ meshes: [{ id: "istio-system/istio", text }] });
const log = (...names: string[]): object => ({ providers: names.map((name) => ({ name })) });
const telemetry = (
  id: string,
  accessLogging: object[],
  spec: object = {},
  creationTimestamp = "2026-01-01T00:00:00Z",
): LiveObject => object(id, { accessLogging, ...spec }, { creationTimestamp });
const lost = (name: string): string =>
  `its workloads would no longer write to the access log ${name}: a Telemetry replaces what it inherits.`;
const added = (name: string): string =>
  `the access log ${name} is not in use there, and would be switched on for its workloads.`;

describe("preflight: access logs", () => {
  it("says which log of the mesh would stop, once for all targets", () => {
    const text = "defaultProviders: { accessLogging: [envoy, otel] }\n";
    const targets = [storefront, { ...storefront, name: "api", matchLabels: { app: "api" } }];
    assert.deepEqual(findings([accessLogs], { telemetries: [] }, subject({ ...mesh(text), targets })), [
      {
        check: PreflightCheck.AccessLogs,
        severity: "warning",
        where: "targets storefront, api",
        message: lost("otel"),
        remedy: 'Add "otel" to `inspection.keepAccessLogProviders`.',
      },
    ]);
  });

  it("knows that accessLogFile is the provider envoy, and says when it would be switched on", () => {
    assert.deepEqual(messages({ telemetries: [] }), []);
    assert.deepEqual(messages({ telemetries: [] }, mesh("trustDomain: x\n")), [added("envoy")]);
    assert.deepEqual(messages({ telemetries: [] }, { ...mesh("trustDomain: x\n"), keptAccessLogs: [] }), []);
  });

  it("names logs of the mesh that no Telemetry can keep", () => {
    const gone = (setting: string): string =>
      `its workloads would no longer write the access log of \`${setting}\` in the mesh configuration: a Telemetry ` +
      "replaces it, and can name providers only.";
    const said = (text: string, changes = {}, telemetries: LiveObject[] = []): string[] =>
      messages({ telemetries }, { ...mesh(text), ...changes });
    const both = "accessLogFile: /var/log/x\nenableEnvoyAccessLogService: true\n";
    assert.deepEqual(said(both), [
      gone("accessLogFile: /var/log/x"),
      gone("enableEnvoyAccessLogService: true"),
    ]);
    assert.deepEqual(said("accessLogFile: /dev/stdout\nenableEnvoyAccessLogService: false\n"), []);
    assert.deepEqual(said(`${both}defaultProviders: { accessLogging: [envoy] }\n`), []);
    assert.deepEqual(said(both, { keptAccessLogs: ["file"] }), [lost("envoy"), added("file")]);
    for (const namespace of ["shop", "istio-system"]) {
      assert.deepEqual(said(both, {}, [telemetry(`${namespace}/default`, [log("envoy")])]), []);
    }
    assert.equal(said(both, {}, [telemetry("bank/default", [log("envoy")])]).length, 2);
  });

  it("follows the oldest Telemetry of the namespace, else that of the root namespace", () => {
    const root = telemetry("istio-system/mesh-default", [log("otel")]);
    assert.deepEqual(messages({ telemetries: [root] }), [lost("otel"), added("envoy")]);
    const local = telemetry("shop/default", [log("envoy")]);
    assert.deepEqual(messages({ telemetries: [root, local] }), []);
    const newer = telemetry("shop/newer", [log("other")], {}, "2026-02-01T00:00:00Z");
    assert.deepEqual(messages({ telemetries: [newer, root, local] }), []);
    assert.deepEqual(messages({ telemetries: [telemetry("bank/default", [log("otel")])] }), []);
  });

  it("reads modes and switched-off logs", () => {
    const client = telemetry("shop/default", [{ ...log("otel"), match: { mode: "CLIENT" } }]);
    assert.deepEqual(messages({ telemetries: [client] }), []);
    const off = telemetry("shop/default", [{ disabled: true }]);
    assert.deepEqual(messages({ telemetries: [off] }), [added("envoy")]);
    const oneOff = telemetry("shop/default", [log("otel", "file"), { ...log("file"), disabled: true }]);
    assert.deepEqual(messages({ telemetries: [oneOff] }), [lost("otel"), added("envoy")]);
  });

  it("warns of another Telemetry for the same workloads, and not of our own", () => {
    const selector = { selector: { matchLabels: { app: "web" } } };
    const other = telemetry("shop/web-logs", [log("otel")], selector);
    assert.deepEqual(messages({ telemetries: [other] }), [
      "Telemetry shop/web-logs sets access logs for the same workloads. Istio follows the newest one only: either the " +
        "agent would see no responses, or that log would stop.",
    ]);
    assert.deepEqual(messages({ telemetries: [telemetry("shop/waf-storefront", [log("x")], selector)] }), []);
    const api = { selector: { matchLabels: { app: "api" } } };
    assert.deepEqual(messages({ telemetries: [telemetry("shop/api-logs", [log("otel")], api)] }), []);
    assert.deepEqual(messages({ telemetries: [object("shop/metrics", { metrics: [{}], ...selector })] }), []);
  });

  it("says nothing without a Telemetry of ours, or without a list", () => {
    const telemetries = [telemetry("shop/default", [log("otel")])];
    assert.deepEqual(messages({ telemetries }, { accessLog: undefined }), []);
    assert.deepEqual(messages({}), []);
  });

  it("is content exactly when what is kept is what is inherited", () => {
    const names = fc.uniqueArray(fc.constantFrom("envoy", "otel", "als", "file"), { maxLength: 4 });
    fc.assert(
      fc.property(names, names, (inherited, kept) => {
        const telemetries = inherited.length === 0 ? [] : [telemetry("shop/default", [log(...inherited)])];
        const found = messages({ telemetries }, { ...mesh("trustDomain: x\n"), keptAccessLogs: kept });
        const same = inherited.length === kept.length && inherited.every((name) => kept.includes(name));
        assert.equal(found.length === 0, same);
      }),
    );
  });
});
