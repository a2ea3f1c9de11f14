import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { Enforcement, Placement, SigsciIstioIntegration } from "../../src";
import type { ObservabilityArgs, SigsciIstioIntegrationArgs } from "../../src";
import type { Recording } from "../../src/offline/recording";
import { dependencies, named, recordComponent, recordRefusal, smallest } from "./program";

/** Logical names of what a component registers, without the component. */
async function names(args: Partial<SigsciIstioIntegrationArgs>): Promise<string[]> {
  const { resources } = await recordComponent(args);
  return resources.map(({ name }) => name);
}

async function warningsOf(args: Partial<SigsciIstioIntegrationArgs>): Promise<string[]> {
  const { logs } = await recordComponent(args);
  return logs.filter(({ severity }) => severity === "warning").map(({ message }) => message);
}

function outputsOf(recording: Recording): Readonly<Record<string, unknown>> {
  return named(recording, "waf").outputs;
}

describe("component: observability", () => {
  it("adds nothing by default, and each part only where it is given", async () => {
    const before = await names({});
    assert.deepEqual(await names({ observability: {} }), before);
    const added = async (observability: ObservabilityArgs): Promise<string[]> =>
      (await names({ observability })).filter((name) => !before.includes(name));
    assert.deepEqual(await added({ prometheusRules: {} }), ["waf-prometheus-rule"]);
    assert.deepEqual(await added({ prometheusRules: { create: false } }), []);
    assert.deepEqual(await added({ dashboard: {} }), ["waf-dashboard"]);
    assert.deepEqual(await added({ agentMetrics: {} }), ["waf-pod-monitor", "waf-statsd-mapping"]);
    assert.deepEqual(await added({ agentMetrics: { podMonitor: { create: false } } }), [
      "waf-statsd-mapping",
    ]);
    assert.deepEqual(await added({ proxyStats: {} }), []);
    const all = { prometheusRules: {}, dashboard: {}, proxyStats: {} };
    assert.deepEqual(await names({ observability: all, teardown: true }), await names({ teardown: true }));
    const recording = await recordComponent({ observability: { agentMetrics: {} } });
    assert.ok(dependencies(recording, "waf-deployment").includes("waf-statsd-mapping"));
  });

  it("creates a PrometheusRule with the user's labels and ours", async () => {
    const prometheusRules = {
      labels: { release: "kube-prometheus-stack" },
      namespace: "monitoring",
      alertLabels: { team: "edge" },
      runbookUrl: "https://wiki.example.com/waf",
    };
    const recording = await recordComponent({ observability: { prometheusRules }, labels: { cost: "42" } });
    const { inputs, parent } = named(recording, "waf-prometheus-rule");
    assert.equal(parent, named(recording, "waf").urn);
    const { spec, ...object } = inputs;
    assert.deepEqual(object, {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: "waf-agent",
        namespace: "monitoring",
        labels: {
          cost: "42",
          release: "kube-prometheus-stack",
          "app.kubernetes.io/name": "sigsci-agent",
          "app.kubernetes.io/instance": "waf-agent",
          "app.kubernetes.io/part-of": "sigsci-istio",
          "app.kubernetes.io/managed-by": "pulumi",
        },
      },
    });
    // The text is the same rules, for a Prometheus without the operator.
    assert.deepEqual(parse(String(outputsOf(recording).prometheusRulesYaml)), spec);
    // The spec is what the alerts' own tests look at; here only what the arguments say of it.
    const { groups } = spec as { groups: { name: string; rules: Record<string, unknown>[] }[] };
    assert.deepEqual(
      groups.map(({ name }) => name),
      ["pulumi-sigsci-istio-waf"],
    );
    assert.deepEqual(groups[0]?.rules[0]?.labels, {
      team: "edge",
      severity: "critical",
      sigsci_component: "waf",
    });
    assert.match(
      JSON.stringify(groups[0].rules[0]),
      /"runbook_url":"https:\/\/wiki.example.com\/waf#requests-pass-/,
    );
  });

  it("creates a ConfigMap with the dashboard that Grafana's sidecar finds", async () => {
    const recording = await recordComponent({
      observability: { dashboard: { annotations: { grafana_folder: "WAF" } } },
    });
    const { metadata, data } = named(recording, "waf-dashboard").inputs;
    assert.deepEqual(metadata, {
      name: "waf-agent-dashboard",
      namespace: "sigsci",
      labels: {
        grafana_dashboard: "1",
        "app.kubernetes.io/name": "sigsci-agent",
        "app.kubernetes.io/instance": "waf-agent",
        "app.kubernetes.io/part-of": "sigsci-istio",
        "app.kubernetes.io/managed-by": "pulumi",
      },
      annotations: { grafana_folder: "WAF" },
    });
    const [file, ...others] = Object.entries(data as Record<string, string>);
    assert.deepEqual([file?.[0], others], ["waf-agent.json", []]);
    assert.match(file?.[1] ?? "", /"title": "Fastly Next-Gen WAF: waf"/);
  });

  it("says what the proxies need to expose their counters", async () => {
    const recording = await recordComponent({ observability: { proxyStats: {} } });
    assert.equal(
      outputsOf(recording).proxyStatsYaml,
      [
        "proxyStatsMatcher:",
        "  inclusionRegexps:",
        "    - .*ext_authz.*",
        "    - cluster\\.outbound\\|9999\\|\\|waf-agent\\.sigsci\\.svc\\.cluster\\.local;?\\..*",
        "    - access_logs\\.grpc_access_log\\..*",
        "",
      ].join("\n"),
    );
    assert.equal(outputsOf(await recordComponent()).proxyStatsYaml, undefined);
    const inPod = await recordComponent({
      observability: { proxyStats: {} },
      placement: Placement.Sidecar,
      enforcement: Enforcement.EnvoyFilter,
    });
    assert.match(String(outputsOf(inPod).proxyStatsYaml), /- cluster\\.sigsci-agent-grpc-9999;\?\\\.\.\*\n/);
    const processed = await recordComponent({
      enforcement: Enforcement.ExternalProcessing,
      observability: { proxyStats: {} },
    });
    assert.equal(
      outputsOf(processed).proxyStatsYaml,
      "proxyStatsMatcher:\n  inclusionRegexps:\n    - .*ext_proc.*\n" +
        "    - cluster\\.outbound\\|9999\\|\\|waf-ext-proc-agent\\.sigsci\\.svc\\.cluster\\.local;?\\..*\n",
    );
  });

  it("follows namespaces, labels and versions that are known only later", async () => {
    const later = (value: string): pulumi.Output<string> => pulumi.output(Promise.resolve(value));
    const observability = { prometheusRules: {}, dashboard: {}, proxyStats: {} };
    const plain = await recordComponent({ observability });
    const deferred = await recordComponent({
      observability,
      namespace: later("sigsci"),
      agent: { image: { version: later("4.84.0") } },
      targets: [{ name: "web", namespace: later("shop"), matchLabels: { app: later("web") } }],
    });
    for (const name of ["waf-prometheus-rule", "waf-dashboard"]) {
      assert.deepEqual(named(deferred, name).inputs, named(plain, name).inputs);
    }
    assert.equal(outputsOf(deferred).proxyStatsYaml, outputsOf(plain).proxyStatsYaml);
  });

  it("is refused where it cannot be meant", async () => {
    const cases: [Partial<SigsciIstioIntegrationArgs>, string][] = [
      [
        { placement: Placement.Sidecar, observability: { prometheusRules: {}, dashboard: {} } },
        "observability.prometheusRules.namespace: it is missing, and with placement Sidecar the agent has no namespace " +
          'of its own\n    Name one that exists, for example "monitoring".',
      ],
      [
        { observability: { prometheusRules: { create: false, namespace: "monitoring" } } },
        "observability.prometheusRules.namespace = 'monitoring': it has no effect with create: false, as there is no " +
          "PrometheusRule\n    Leave it out.",
      ],
      [
        { observability: { prometheusRules: { alertLabels: { severity: "page" } } } },
        "observability.prometheusRules.alertLabels[\"severity\"] = 'page': as a key, the alerts have this label already",
      ],
      [
        { observability: { prometheusRules: { runbookUrl: "https://wiki/waf#x" } } },
        "observability.prometheusRules.runbookUrl = 'https://wiki/waf#x': it has an anchor already",
      ],
      [
        { placement: Placement.Sidecar, observability: { agentMetrics: {} } },
        "observability.agentMetrics = {}: with placement Sidecar the agent's pods are the applications', and get no " +
          "further container\n    Leave it out, and send the metrics to an exporter of your own: " +
          "agent.options.statsdAddress.",
      ],
      [
        { agent: { port: 9102 }, observability: { agentMetrics: {} } },
        "observability.agentMetrics.port = 9102: the agent listens on it already (agent.port)\n    Use another port.",
      ],
      [
        { observability: { agentMetrics: { port: 2024 } } },
        "observability.agentMetrics.port = 2024: the agent listens on it already (agent.startupProbe.port)",
      ],
      [
        { observability: { agentMetrics: { image: "prom/statsd-exporter" } } },
        "observability.agentMetrics.image = 'prom/statsd-exporter': it is no image with a tag",
      ],
      [
        { observability: { agentMetrics: { image: "prom/statsd-exporter:v1@sha256:00" } } },
        "observability.agentMetrics.image = 'prom/statsd-exporter:v1@sha256:00': it contains a digest",
      ],
      ...(
        [
          [{ options: { statsdAddress: "10.0.0.1:8125" } }, "agent.options.statsdAddress"],
          [{ extraOptions: { "statsd-address": "10.0.0.1:8125" } }, 'agent.extraOptions["statsd-address"]'],
          [{ env: [{ name: "SIGSCI_STATSD_ADDRESS", value: "10.0.0.1:8125" }] }, "agent.env[0]"],
        ] as const
      ).map(([agent, path]): [Partial<SigsciIstioIntegrationArgs>, string] => [
        // Lists and maps of arguments are not readonly.
        { agent: agent as SigsciIstioIntegrationArgs["agent"], observability: { agentMetrics: {} } },
        `${path}: observability.agentMetrics sends the agent's metrics to its own exporter\n    Leave out either.`,
      ]),
      // Programs without type checks can say anything.
      [
        { observability: { prometheusRule: {} } as ObservabilityArgs },
        "observability.prometheusRule: there is no such argument\n    Did you mean prometheusRules?",
      ],
      [
        { observability: { proxyStats: true } as unknown as ObservabilityArgs },
        "observability.proxyStats = true: it must be an object\n    Write proxyStats: { read: true }.",
      ],
    ];
    for (const [args, text] of cases) {
      const { message } = await recordRefusal(() => {
        new SigsciIstioIntegration("waf", { ...smallest, ...args });
      });
      assert.ok(message.includes(text), message);
    }
    const inPods = { placement: Placement.Sidecar, targets: smallest.targets };
    const fine = { prometheusRules: { create: false }, dashboard: { namespace: "monitoring" } };
    assert.ok((await names({ ...inPods, observability: fine })).includes("waf-dashboard"));
  });

  it("warns that without the proxies' counters an EnvoyFilter lets nobody see what passes uninspected", async () => {
    const enforcement = Enforcement.EnvoyFilter;
    const expected = [
      "observability.prometheusRules: with enforcement EnvoyFilter Istio's own metrics do not tell which requests were " +
        "sent to the agent, so there is no alert for those that pass uninspected. Add observability.proxyStats: {}.",
    ];
    assert.deepEqual(await warningsOf({ enforcement, observability: { prometheusRules: {} } }), expected);
    assert.deepEqual(
      await warningsOf({ enforcement, observability: { prometheusRules: {}, proxyStats: {} } }),
      [],
    );
  });
});
