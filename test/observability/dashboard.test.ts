import assert from "node:assert/strict";
import { resolve } from "node:path";
import Ajv from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { Enforcement, Placement } from "../../src/args/integration";
import { dashboardOf } from "../../src/observability/dashboard";
import type { Watched } from "../../src/observability/watched";
import { assertPromQl, metricsIn } from "./promql";
import { watchedWeb } from "./watchedWeb";

function queriesOf(watched: Watched): string[] {
  return dashboardOf(watched).panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "1m")),
  );
}

function titlesOf(watched: Watched): string[] {
  return dashboardOf(watched).panels.map(({ title }) => title);
}

const counted = { ...watchedWeb, proxyStats: true };
const inPods = { ...counted, enforcement: Enforcement.EnvoyFilter, placement: Placement.Sidecar };

describe("observability: dashboard", () => {
  it("has a panel for each question that the metrics answer", () => {
    assert.deepEqual(titlesOf(watchedWeb), [
      "Requests by the rules of the targets",
      "Blocked",
      "Agent missing",
    ]);
    assert.deepEqual(titlesOf({ ...counted, failOpen: false }), [
      "Checks",
      "Refused for want of an answer",
      "Time of an answer",
      "Access-log entries",
      "Requests by the rules of the targets",
      "Blocked or refused",
      "Agent missing",
    ]);
    assert.deepEqual(titlesOf({ ...watchedWeb, agentMetrics: true }).slice(3), [
      "Decisions by the agent's own count",
      "Time of a decision by the agent's own count",
    ]);
    assert.deepEqual(titlesOf({ ...inPods, responseData: false }), [
      "Checks",
      "Passed uninspected",
      "Time of an answer",
      "Blocked",
    ]);
  });

  it("tells of external processing by its own counters only", () => {
    const processed = {
      ...counted,
      enforcement: Enforcement.ExternalProcessing,
      statPrefix: "sigsci-agent",
      responseData: false,
    };
    assert.deepEqual(titlesOf(processed), ["Checks", "Passed uninspected", "Agent missing"]);
    assert.deepEqual([...new Set(queriesOf(processed).flatMap(metricsIn))].sort(), [
      "envoy_cluster_upstream_rq_completed",
      "envoy_http_ext_proc_sigsci_agent_failure_mode_allowed",
      "envoy_http_ext_proc_sigsci_agent_immediate_responses_sent",
      "envoy_http_ext_proc_sigsci_agent_message_timeouts",
      "envoy_http_ext_proc_sigsci_agent_streams_failed",
      "envoy_http_ext_proc_sigsci_agent_streams_started",
      "kube_deployment_status_replicas_available",
    ]);
    queriesOf(processed).forEach(assertPromQl);
    assert.deepEqual(titlesOf({ ...processed, proxyStats: false }), ["Agent missing"]);
  });

  it("reads valid PromQL, and the proxies' own counters only where they are exposed", () => {
    [watchedWeb, counted, inPods, { ...counted, agentMetrics: true }]
      .flatMap(queriesOf)
      .forEach(assertPromQl);
    assert.deepEqual([...new Set(queriesOf(watchedWeb).flatMap(metricsIn))].sort(), [
      "envoy_http_rbac_istio_ext_authz_",
      "istio_requests_total",
      "kube_deployment_status_replicas_available",
    ]);
  });

  it("has the fields of Grafana's own schema, and no others", function () {
    // Compiling the types takes a while on a loaded machine.
    this.timeout(60_000);
    const path = resolve(require.resolve("@grafana/grafana-foundation-sdk/dashboard"), "../types.gen.d.ts");
    const options = { path, skipTypeCheck: true, tsconfig: resolve(__dirname, "../../tsconfig.json") };
    const schema = createGenerator({ ...options, additionalProperties: false }).createSchema("Dashboard");
    // Each source of data has fields of its own in a query.
    const definitions = { ...schema.definitions, Dataquery: {} };
    const validate = new Ajv({ strict: false, allErrors: true }).compile({ ...schema, definitions });
    const made: unknown = JSON.parse(JSON.stringify(dashboardOf({ ...counted, agentMetrics: true })));
    assert.ok(validate(made), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...dashboardOf(counted), pannels: [] }));
  });

  it("is one that Grafana imports: panels beside each other, each with a number and the chosen source of data", () => {
    const { panels, uid, title, templating, tags } = dashboardOf(counted);
    assert.equal(uid, "sigsci-c03197241a5e");
    assert.equal(title, "Fastly Next-Gen WAF: waf");
    assert.deepEqual(tags, ["pulumi-sigsci-istio"]);
    assert.deepEqual(templating, {
      list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }],
    });
    const source = { type: "prometheus", uid: "${datasource}" };
    panels.forEach((panel, index) => {
      const { id, type, gridPos, datasource, targets } = panel;
      assert.deepEqual(
        { id, type, gridPos, datasource },
        {
          id: index + 1,
          type: "timeseries",
          gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
          datasource: source,
        },
      );
      assert.deepEqual(
        targets.map(({ refId }) => refId),
        ["A", "B", "C"].slice(0, targets.length),
      );
    });
  });

  it("shows the timeout beside the agent's time", () => {
    const panel = dashboardOf({ ...counted, timeoutMs: 350 }).panels.find(
      ({ title }) => title === "Time of an answer",
    );
    assert.match(
      JSON.stringify(panel?.fieldConfig),
      /"steps":\[\{"color":"green","value":null\},\{"color":"red","value":350\}\]/,
    );
  });

  it("keeps its identity when the component changes, and differs from that of another component", () => {
    assert.equal(dashboardOf(counted).uid, dashboardOf(watchedWeb).uid);
    assert.notEqual(dashboardOf({ ...watchedWeb, name: "waf-2" }).uid, dashboardOf(watchedWeb).uid);
  });
});
