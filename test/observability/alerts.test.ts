import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { SidecarForm } from "../../src/args/sidecar";
import { Enforcement, Placement } from "../../src/args/integration";
import { TargetKind } from "../../src/args/targets";
import { alertsOf } from "../../src/observability/alerts";
import { ruleFile } from "../../src/observability/ruleFile";
import type { Watched } from "../../src/observability/watched";
import { defaultRunbookUrl } from "../../src/settings/observability";
import { assertPromQl, metricsIn } from "./promql";
import { watchedWeb } from "./watchedWeb";

const cluster = "outbound|9999||waf-agent.sigsci.svc.cluster.local";
const settings = { create: true, labels: {}, alertLabels: {}, runbookUrl: defaultRunbookUrl };

/** The expression of an alert, each on a line. */
function expressionsOf(watched: Watched, name: string): string[] {
  const alert = alertsOf(watched).find((one) => one.name === name);
  return alert?.expressions ?? assert.fail(`no alert ${name}`);
}

function namesOf(watched: Watched): string[] {
  return alertsOf(watched).map(({ name }) => name);
}

const anyWatched: fc.Arbitrary<Watched> = fc.record({
  name: fc.constantFrom("waf", "waf-2"),
  agentName: fc.constant("waf-agent"),
  agentNamespace: fc.constant("sigsci"),
  placement: fc.constantFrom(...Object.values(Placement)),
  maxReplicas: fc.constantFrom(undefined, 6),
  form: fc.constantFrom(...Object.values(SidecarForm)),
  cluster: fc.constantFrom(cluster, "sigsci-agent-grpc-9999"),
  enforcement: fc.constantFrom(...Object.values(Enforcement)),
  statPrefix: fc.constantFrom(undefined, "sigsci-agent"),
  targets: fc.array(
    fc.record({
      kind: fc.constantFrom(...Object.values(TargetKind)),
      namespace: fc.constantFrom("shop", "shop.2"),
      app: fc.constantFrom(undefined, "web", "web.v2"),
      everyRequest: fc.boolean(),
    }),
    { minLength: 1 },
  ),
  everyNamespace: fc.boolean(),
  failOpen: fc.boolean(),
  statusOnError: fc.constant(403),
  timeoutMs: fc.constantFrom(200, 0.5),
  responseData: fc.boolean(),
  proxyStats: fc.boolean(),
  agentMetrics: fc.boolean(),
  version: fc.constantFrom(undefined, "4.84.0", "latest", "testing"),
});

describe("observability: alerts", () => {
  it("are valid PromQL, whatever the component", () => {
    fc.assert(
      fc.property(anyWatched, (watched) => {
        for (const { expr } of ruleFile(watched, settings).groups[0]?.rules ?? []) {
          assertPromQl(expr);
        }
      }),
    );
  });

  it("are those that Istio's own metrics and kube-state-metrics can tell of, unless the proxies expose more", () => {
    const version = ["SigsciAgentVersionEnding", "SigsciAgentVersionEnded"];
    assert.deepEqual(namesOf(watchedWeb), [
      "SigsciRequestsUninspected",
      "SigsciNoChecks",
      "SigsciAgentGone",
      "SigsciBlocksRising",
      ...version,
    ]);
    assert.deepEqual(namesOf({ ...watchedWeb, proxyStats: true }), [
      "SigsciRequestsUninspected",
      "SigsciNoChecks",
      "SigsciAgentGone",
      "SigsciAgentSlow",
      "SigsciBlocksRising",
      "SigsciAccessLogDropped",
      ...version,
    ]);
    const read = alertsOf(watchedWeb).flatMap(({ expressions }) => expressions.flatMap(metricsIn));
    assert.deepEqual([...new Set(read)].sort(), [
      "envoy_http_rbac_istio_ext_authz_",
      "istio_requests_total",
      "kube_deployment_status_replicas_available",
    ]);
  });

  it("tell of requests that pass uninspected by the proxies' counters, and without them by an agent that is gone", () => {
    const asked = `and on (namespace, pod) envoy_cluster_upstream_rq_completed{namespace="shop",cluster_name="${cluster}"} > 0`;
    const rate = (counter: string): string => `rate(envoy_http_ext_authz_${counter}{namespace="shop"}[5m])`;
    const byAgent =
      'sum by (namespace) (rate(envoy_http_rbac_istio_ext_authz_{namespace="shop",authz_dry_run_result="denied"}[5m])) > 0' +
      ' and on () (count(kube_deployment_status_replicas_available{namespace="sigsci",deployment="waf-agent"} == 0))';
    assert.deepEqual(expressionsOf(watchedWeb, "SigsciRequestsUninspected"), [byAgent]);
    assert.deepEqual(expressionsOf({ ...watchedWeb, proxyStats: true }, "SigsciRequestsUninspected"), [
      `sum by (namespace) (${rate("error")} ${asked}) / ` +
        `sum by (namespace) ((${rate("ok")} + ${rate("denied")} + ${rate("error")}) ${asked}) > 0.01`,
      byAgent,
    ]);
  });

  it("tell of an autoscaler that is at its maximum and wants more, or that sees no CPU use", () => {
    const condition = (name: string, status: string): string =>
      'max(kube_horizontalpodautoscaler_status_condition{namespace="sigsci",horizontalpodautoscaler="waf-agent",' +
      `condition="${name}",status="${status}"}) == 1`;
    const number = (name: string): string =>
      `max(kube_horizontalpodautoscaler_${name}{namespace="sigsci",horizontalpodautoscaler="waf-agent"})`;
    const autoscaled = { ...watchedWeb, maxReplicas: 6 };
    assert.deepEqual(expressionsOf(autoscaled, "SigsciAutoscalerLimited"), [
      `${condition("ScalingLimited", "true")} and ${number("status_current_replicas")} >= ${number("spec_max_replicas")}`,
      condition("ScalingActive", "false"),
    ]);
  });

  it("tell of requests that are refused where the inspection fails closed, and count them as no blocks", () => {
    const closed = { ...watchedWeb, failOpen: false, statusOnError: 503 };
    assert.ok(!namesOf(closed).includes("SigsciRequestsUninspected"));
    assert.deepEqual(expressionsOf(closed, "SigsciRequestsRefused"), [
      'sum by (namespace) (rate(istio_requests_total{namespace="shop",destination_app="web",response_flags="UAEX",' +
        'response_code="503"}[5m])) > 0',
    ]);
    const [blocks = ""] = expressionsOf(closed, "SigsciBlocksRising");
    assert.equal(blocks.split('response_code!="503"').length, 4);
    const [gone] = alertsOf(closed).filter(({ name }) => name === "SigsciAgentGone");
    assert.equal(
      gone?.description,
      "Proxies have no agent to ask. Requests of the targets are refused with status 503, the harmless ones too.",
    );
  });

  it("find pods whose proxy sends nothing, only where every request should be sent", () => {
    const sent =
      'rate(envoy_http_rbac_istio_ext_authz_{namespace="shop",authz_dry_run_result="denied"}[10m])';
    assert.deepEqual(expressionsOf(watchedWeb, "SigsciNoChecks"), [
      "count by (namespace) (sum by (namespace, pod) (rate(istio_requests_total{" +
        'namespace="shop",destination_app="web",reporter="destination"}[10m])) > 0 ' +
        `unless on (namespace, pod) ${sent} > 0)`,
    ]);
    const [target = assert.fail()] = watchedWeb.targets;
    const conditional = { ...watchedWeb, targets: [{ ...target, everyRequest: false }] };
    assert.ok(!namesOf(conditional).includes("SigsciNoChecks"));
    const gateway = {
      ...watchedWeb,
      targets: [{ ...target, kind: TargetKind.Gateway, namespace: "ingress" }],
    };
    assert.match(
      expressionsOf(gateway, "SigsciNoChecks").join(),
      /istio_requests_total\{namespace="ingress",reporter="source"\}/,
    );
  });

  it("read the counters of an EnvoyFilter by its prefix, and of its own cluster by the metric's name", () => {
    const watched = {
      ...watchedWeb,
      enforcement: Enforcement.EnvoyFilter,
      statPrefix: "sigsci-agent",
      placement: Placement.Sidecar,
      cluster: "sigsci-agent-grpc-9999",
      proxyStats: true,
    };
    const read = alertsOf(watched).flatMap(({ expressions }) => expressions.flatMap(metricsIn));
    assert.deepEqual([...new Set(read)].sort(), [
      "envoy_access_logs_grpc_access_log_logs_dropped",
      "envoy_cluster_sigsci_agent_grpc_9999_upstream_rq_completed",
      "envoy_cluster_sigsci_agent_grpc_9999_upstream_rq_time_bucket",
      "envoy_http_ext_authz_sigsci_agent_denied",
      "envoy_http_ext_authz_sigsci_agent_error",
      "envoy_http_ext_authz_sigsci_agent_ok",
      "istio_requests_total",
      "kube_pod_init_container_status_ready",
      "kube_pod_status_phase",
    ]);
  });

  it("find requests that are sent and that neither the proxies' filter nor the agent counts", () => {
    const sent =
      'rate(envoy_http_rbac_istio_ext_authz_{namespace="shop",authz_dry_run_result="denied"}[10m])';
    const asked = `and on (namespace, pod) envoy_cluster_upstream_rq_completed{namespace="shop",cluster_name="${cluster}"} > 0`;
    const [, filter = ""] = expressionsOf({ ...watchedWeb, proxyStats: true }, "SigsciNoChecks");
    assert.ok(
      filter.startsWith(`sum by (namespace) (${sent} ${asked}) > 0 and on (namespace) sum by (namespace) (`),
    );
    assert.ok(filter.endsWith(" == 0"));
    const arriving = 'istio_requests_total{namespace="shop",destination_app="web",reporter="destination"}';
    const [, agent] = expressionsOf({ ...watchedWeb, agentMetrics: true }, "SigsciNoChecks");
    assert.equal(
      agent,
      `sum by (namespace) (${sent} and on (namespace, pod) rate(${arriving}[10m]) > 0) > 0 ` +
        'and on () sum(rate(sigsci_agent_waf_total{job="sigsci/waf-agent"}[10m])) == 0',
    );
  });

  it("take the agent's own time where the proxies do not tell it", () => {
    assert.deepEqual(expressionsOf({ ...watchedWeb, agentMetrics: true }, "SigsciAgentSlow"), [
      'max(sigsci_agent_waf_perf_decision_time_ms{job="sigsci/waf-agent",quantile="0.95"}) > 100',
    ]);
    assert.equal(
      expressionsOf({ ...watchedWeb, agentMetrics: true, proxyStats: true }, "SigsciAgentSlow").length,
      1,
    );
  });

  it("compare the agent's time with the timeout", () => {
    const [slow = ""] = expressionsOf(
      { ...watchedWeb, proxyStats: true, timeoutMs: 3000 },
      "SigsciAgentSlow",
    );
    assert.match(slow, /^histogram_quantile\(0\.95, .* > 1500$/);
  });

  describe("with external processing", () => {
    const processed = {
      ...watchedWeb,
      enforcement: Enforcement.ExternalProcessing,
      statPrefix: "sigsci-agent",
      responseData: false,
      proxyStats: true,
    };
    const closed = { ...processed, failOpen: false };
    const counter = (name: string): string => `envoy_http_ext_proc_sigsci_agent_${name}{namespace="shop"}`;
    const rate = (name: string): string => `rate(${counter(name)}[5m])`;
    const asked = `and on (namespace, pod) envoy_cluster_upstream_rq_completed{namespace="shop",cluster_name="${cluster}"} > 0`;

    it("count streams that broke or were too late as checks without an answer, in both fail modes", () => {
      const expression =
        `sum by (namespace) ((${rate("streams_failed")} + ${rate("message_timeouts")}) ${asked}) / ` +
        `sum by (namespace) (${rate("streams_started")} ${asked}) > 0.01`;
      assert.deepEqual(expressionsOf(processed, "SigsciRequestsUninspected"), [expression]);
      assert.deepEqual(expressionsOf(closed, "SigsciRequestsRefused"), [expression]);
      const [refused] = alertsOf(closed).filter(({ name }) => name === "SigsciRequestsRefused");
      assert.match(
        refused?.description ?? "",
        /refused with status 403, with 504 after the timeout, the harmless/,
      );
    });

    it("count as blocks what the agent answered, and no refusal for want of an answer", () => {
      const over = (name: string): string => `increase(${counter(name)}[15m])`;
      const [open = ""] = expressionsOf(processed, "SigsciBlocksRising");
      assert.ok(
        open.startsWith(`sum by (namespace) (${over("immediate_responses_sent")}) > 20 unless `),
        open,
      );
      const [strict = ""] = expressionsOf(closed, "SigsciBlocksRising");
      const answered = ["immediate_responses_sent", "streams_failed", "message_timeouts"]
        .map(over)
        .join(" - ");
      assert.ok(strict.startsWith(`sum by (namespace) ((${answered})) > 20 unless `), strict);
      assert.ok(strict.endsWith(`rate(${counter("message_timeouts")}[6h] offset 15m)))`), strict);
    });

    it("find pods that open no stream, and take the time of an answer from the agent only", () => {
      assert.deepEqual(expressionsOf(processed, "SigsciNoChecks"), [
        "count by (namespace) (sum by (namespace, pod) (rate(istio_requests_total{" +
          'namespace="shop",destination_app="web",reporter="destination"}[10m])) > 0 ' +
          `unless on (namespace, pod) rate(${counter("streams_started")}[10m]) > 0)`,
      ]);
      assert.deepEqual(expressionsOf({ ...processed, agentMetrics: true }, "SigsciAgentSlow"), [
        'max(sigsci_agent_waf_perf_decision_time_ms{job="sigsci/waf-agent",quantile="0.95"}) > 100',
      ]);
      assert.ok(!namesOf(processed).includes("SigsciAgentSlow"));
    });

    it("are few where the proxies do not tell", () => {
      assert.deepEqual(
        namesOf({ ...closed, proxyStats: false }).filter((name) => !name.startsWith("SigsciAgentVersion")),
        ["SigsciAgentGone"],
      );
    });
  });

  it("know the end of support of the version in the program, and nothing of a tag", () => {
    // 4.84.0 is of November 2026: two years later, at the end of January 2029.
    assert.deepEqual(expressionsOf(watchedWeb, "SigsciAgentVersionEnding"), [
      "(vector(time()) >= 1856736000) < 1864598400",
    ]);
    assert.deepEqual(expressionsOf(watchedWeb, "SigsciAgentVersionEnded"), ["vector(time()) >= 1864598400"]);
    assert.equal(new Date(1856736000_000).toISOString(), "2028-11-02T00:00:00.000Z");
    assert.equal(new Date(1864598400_000).toISOString(), "2029-02-01T00:00:00.000Z");
    for (const version of [undefined, "latest", "testing"]) {
      assert.ok(namesOf({ ...watchedWeb, version }).every((name) => !name.startsWith("SigsciAgentVersion")));
    }
  });

  it("take several namespaces and labels as alternatives, and none for Istio's root namespace", () => {
    const [target = assert.fail()] = watchedWeb.targets;
    const targets = [target, { ...target, namespace: "cart", app: "cart.v2" }];
    const [blocks = ""] = expressionsOf({ ...watchedWeb, targets }, "SigsciBlocksRising");
    assert.ok(
      blocks.includes('{namespace=~"cart|shop",destination_app=~"cart[.]v2|web",response_flags="UAEX"}'),
    );
    const [everywhere = ""] = expressionsOf({ ...watchedWeb, everyNamespace: true }, "SigsciBlocksRising");
    assert.ok(everywhere.includes('istio_requests_total{destination_app="web",response_flags="UAEX"}'));
    const noApp = [target, { ...target, app: undefined }];
    const [wide = ""] = expressionsOf({ ...watchedWeb, targets: noApp }, "SigsciBlocksRising");
    assert.ok(wide.includes('istio_requests_total{namespace="shop",response_flags="UAEX"}'));
  });

  it("each have a severity, say what happens to traffic, and lead to a paragraph", () => {
    const page = readFileSync(join(__dirname, "../../docs/metrics.md"), "utf8");
    const anchors = [...page.matchAll(/^### (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    fc.assert(
      fc.property(anyWatched, (watched) => {
        for (const rule of ruleFile(watched, settings).groups[0]?.rules ?? []) {
          assert.ok(["critical", "warning", "info"].includes(rule.labels.severity ?? ""));
          assert.equal(rule.labels.sigsci_component, watched.name);
          assert.match(rule.annotations.description ?? "", /pass|refused|reach|inspected/);
          const [url, anchor = ""] = (rule.annotations.runbook_url ?? "").split("#");
          assert.equal(url, defaultRunbookUrl);
          assert.ok(anchors.includes(anchor), anchor);
          assert.ok(page.includes(`| \`${rule.alert}\``), `${rule.alert} stands in the table`);
        }
      }),
    );
  });
});
