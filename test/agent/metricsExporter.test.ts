import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { agentEnvironment } from "../../src/agent/environment";
import { agentPodMonitor, exporterContainer, exporterMapping } from "../../src/agent/metricsExporter";
import { agentNetworkPolicy } from "../../src/agent/objects";
import { agentPodTemplate } from "../../src/agent/podTemplate";
import { agentService } from "../../src/agent/service";
import { agentSettings } from "../../src/settings/agent";
import type { AgentSettings } from "../../src/settings/agent";
import { observabilitySettings } from "../../src/settings/observability";
import type { AgentMetricsSettings } from "../../src/settings/observability";
import { createdSecretReference } from "../../src/settings/secretReference";
import type { AgentMetricsArgs } from "../../src";
import { context, labels, metadata, plain } from "./agentObjects";

const secret = createdSecretReference("keys", false);

function metricsOf(args: AgentMetricsArgs = {}): AgentMetricsSettings {
  return observabilitySettings({ agentMetrics: args }).agentMetrics ?? assert.fail();
}

function withMetrics(args: AgentMetricsArgs = {}): AgentSettings {
  return { ...agentSettings("waf", { networkPolicy: {} }), metrics: metricsOf(args) };
}

describe("agent metrics", () => {
  it("go from the agent to an exporter in its pods, which runs with as few rights as the agent", () => {
    const { spec } = plain(agentPodTemplate(withMetrics(), secret));
    assert.deepEqual(spec?.containers.slice(1), [
      {
        name: "statsd-exporter",
        image: "prom/statsd-exporter:v0.30.0",
        imagePullPolicy: "IfNotPresent",
        args: [
          "--web.listen-address=:9102",
          "--statsd.listen-udp=127.0.0.1:9125",
          "--statsd.listen-tcp=",
          "--statsd.mapping-config=/etc/statsd-exporter/mapping.yml",
        ],
        ports: [{ name: "metrics", containerPort: 9102, protocol: "TCP" }],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
        terminationMessagePolicy: "FallbackToLogsOnError",
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [{ name: "statsd-mapping", mountPath: "/etc/statsd-exporter", readOnly: true }],
      },
    ]);
    const { name } = plain(exporterMapping(withMetrics(), context)).metadata ?? {};
    assert.deepEqual(spec.volumes?.slice(1), [{ name: "statsd-mapping", configMap: { name } }]);
    const variables = plain(agentEnvironment(withMetrics(), secret, ""));
    assert.deepEqual(
      variables.filter((one) => one.name.includes("STATSD")),
      [{ name: "SIGSCI_STATSD_ADDRESS", value: "127.0.0.1:9125" }],
    );
  });

  it("are not there unless asked for", () => {
    const settings = agentSettings("waf", { networkPolicy: {} });
    const all = JSON.stringify([
      agentPodTemplate(settings, secret),
      agentService(settings, context),
      agentNetworkPolicy(settings, context),
    ]);
    assert.doesNotMatch(all, /statsd|metrics|9102/i);
  });

  it("are found by a PodMonitor, a port of the Service and a hole in the NetworkPolicy", () => {
    const settings = withMetrics({ port: 9200 });
    const monitor = agentPodMonitor(
      settings,
      context,
      metricsOf({ podMonitor: { labels: { release: "kps" } } }),
    );
    assert.deepEqual(monitor, {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { ...metadata, labels: { release: "kps", ...labels } },
      spec: { selector: { matchLabels: { app: "waf-agent" } }, podMetricsEndpoints: [{ port: "metrics" }] },
    });
    assert.deepEqual(plain(agentService(settings, context)).spec?.ports?.slice(1), [
      { name: "http-metrics", protocol: "TCP", appProtocol: "http", port: 9200, targetPort: "metrics" },
    ]);
    assert.deepEqual(plain(agentNetworkPolicy(settings, context))?.spec?.ingress?.slice(1), [
      {
        ports: [
          { protocol: "TCP", port: "metrics" },
          { protocol: "TCP", port: 9200 },
        ],
      },
    ]);
  });

  it("keep the percentile of a time as a label, and roll the pods when the mapping is another one", () => {
    const { metadata: found, data, immutable } = plain(exporterMapping(withMetrics(), context));
    const text = data?.["mapping.yml"] ?? "";
    assert.deepEqual(parse(text), {
      mappings: [
        {
          match: "^sigsci\\.agent\\.waf\\.perf\\.(decision_time|queue_time)\\.(\\d+)pct$",
          match_type: "regex",
          name: "sigsci_agent_waf_perf_${1}_ms",
          labels: { quantile: "0.${2}" },
        },
      ],
    });
    assert.equal(immutable, true);
    assert.match(found?.name ?? "", /^waf-agent-statsd-[0-9a-f]{8}$/);
  });

  it("take an image by its digest, also one that is known later", async () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const image = "registry.example.com/statsd:v1";
    assert.equal(exporterContainer(metricsOf({ image, digest })).image, `${image}@${digest}`);
    const later = exporterContainer(metricsOf({ digest: pulumi.output(digest) })).image;
    const known = await new Promise((resolve) => pulumi.output(later).apply(resolve));
    assert.equal(known, `prom/statsd-exporter:v0.30.0@${digest}`);
  });
});
