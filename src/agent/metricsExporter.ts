import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import { stringify } from "yaml";
import { whenKnown } from "../pulumi/inputs";
import type { AgentSettings } from "../settings/agent";
import type { AgentMetricsSettings } from "../settings/observability";
import { containerSecurityContext } from "./containerSecurity";
import { agentMetadata, selectorLabels, type ObjectContext } from "./metadata";

/** Name of the exporter's container. */
export const exporterName = "statsd-exporter";
/** Name of the port from which Prometheus scrapes. */
export const metricsPortName = "metrics";

const volumeName = "statsd-mapping";
const mappingFolder = "/etc/statsd-exporter";
const mappingFile = "mapping.yml";

/** Where the agent sends its metrics: nobody outside of the pod can send there. */
export const statsdAddress = "127.0.0.1:9125";

/**
 * The gauges of the agent's times, as one metric for each with its percentile as a label. What is not named here gets its
 * own name with underscores: `sigsci_agent_waf_total`, `_allow`, `_block` and `_error`.
 *
 * Source: Fastly, "Agent StatsD metrics"; statsd_exporter, "Metric Mapping and Configuration".
 */
const mapping = stringify({
  mappings: [
    {
      match: "^sigsci\\.agent\\.waf\\.perf\\.(decision_time|queue_time)\\.(\\d+)pct$",
      match_type: "regex",
      name: "sigsci_agent_waf_perf_${1}_ms",
      labels: { quantile: "0.${2}" },
    },
  ],
});

const digestLength = 8;
const mappingDigest = createHash("sha256").update(mapping).digest("hex").slice(0, digestLength);

/** Named by what it holds: pods of another mapping are other pods. */
function mappingName({ name }: AgentSettings): string {
  return `${name}-statsd-${mappingDigest}`;
}

/** The ConfigMap with the names of the metrics. */
export function exporterMapping(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.core.v1.ConfigMap {
  return {
    metadata: { ...agentMetadata(settings, context), name: mappingName(settings) },
    immutable: true,
    data: { [mappingFile]: mapping },
  };
}

/**
 * The container that turns the agent's StatsD metrics into those of Prometheus. It has no probes: nothing that it fails at
 * may take the agent out of the Service.
 */
export function exporterContainer(metrics: AgentMetricsSettings): k8s.types.input.core.v1.Container {
  return {
    name: exporterName,
    image: whenKnown([metrics.image, metrics.digest], ([image, digest]) =>
      digest === undefined ? image : `${image}@${digest}`,
    ),
    imagePullPolicy: "IfNotPresent",
    args: [
      `--web.listen-address=:${metrics.port}`,
      `--statsd.listen-udp=${statsdAddress}`,
      "--statsd.listen-tcp=",
      `--statsd.mapping-config=${mappingFolder}/${mappingFile}`,
    ],
    ports: [{ name: metricsPortName, containerPort: metrics.port, protocol: "TCP" }],
    resources: metrics.resources,
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: containerSecurityContext,
    volumeMounts: [{ name: volumeName, mountPath: mappingFolder, readOnly: true }],
  };
}

/** The volume that the container mounts. */
export function mappingVolume(settings: AgentSettings): k8s.types.input.core.v1.Volume {
  return { name: volumeName, configMap: { name: mappingName(settings) } };
}

/** What tells the Prometheus Operator to scrape the agent's pods; the label `job` of what it finds is `<namespace>/<name>`. */
export function agentPodMonitor(
  settings: AgentSettings,
  context: ObjectContext,
  { podMonitor }: AgentMetricsSettings,
): PodMonitor {
  const metadata = agentMetadata(settings, context);
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { ...metadata, labels: { ...podMonitor.labels, ...metadata.labels } },
    spec: {
      selector: { matchLabels: selectorLabels(settings) },
      podMetricsEndpoints: [{ port: metricsPortName }],
    },
  };
}

/** A PodMonitor, as far as it is used here. */
export interface PodMonitor {
  /** Group and version. */
  apiVersion: string;
  /** Kind. */
  kind: string;
  /** Metadata. */
  metadata: k8s.types.input.meta.v1.ObjectMeta;
  /** Which pods, and which of their ports. */
  spec: {
    selector: { matchLabels: Record<string, string> };
    podMetricsEndpoints: { port: string }[];
  };
}
