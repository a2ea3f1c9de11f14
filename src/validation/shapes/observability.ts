import type {
  AgentMetricsArgs,
  DashboardArgs,
  ObservabilityArgs,
  PodMonitorArgs,
  PrometheusRulesArgs,
  ProxyStatsArgs,
} from "../../args/observability";
import { dnsLabel } from "../../kubernetes/syntax";
import { defaultExporterImage, defaultMetricsPort, defaultRunbookUrl } from "../../settings/observability";
import { resourceProblems } from "../resourceProblems";
import { checked, flag, input, map, number, object, text } from "../shape";
import type { Shape } from "../shape";
import { agentPort } from "./agent";
import { digestShape } from "./image";
import { resourcesShape } from "./kubernetes";
import { annotationsShape, userLabels } from "./userMetadata";

const alertLabelPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ownAlertLabels = ["severity", "sigsci_component", "alertname"];

const namespace = input(text(dnsLabel, "Give a valid Kubernetes namespace.", "monitoring"));

const rules = object<PrometheusRulesArgs>({
  fields: {
    create: flag,
    labels: userLabels,
    namespace,
    alertLabels: map(text(), text(alertLabel, "Use letters, digits and underscores, such as team.")),
    runbookUrl: text(
      runbookUrl,
      `Leave it out for "${defaultRunbookUrl}".`,
      "https://wiki.example.com/waf-alerts",
    ),
  },
  example: [],
});

const dashboard = object<DashboardArgs>({
  fields: { labels: userLabels, annotations: annotationsShape, namespace },
  example: [],
});

const agentMetrics = object<AgentMetricsArgs>({
  fields: {
    image: input(
      text(
        exporterImage,
        `Write the image with its tag, such as "${defaultExporterImage}"; digest has its own argument.`,
        defaultExporterImage,
      ),
    ),
    digest: digestShape,
    port: number(agentPort, "Use a port from 1024 to 65535.", defaultMetricsPort),
    resources: input(checked(resourcesShape, resourceProblems)),
    podMonitor: object<PodMonitorArgs>({ fields: { create: flag, labels: userLabels } }),
  },
  example: [],
});

const proxyStats = object<ProxyStatsArgs>({ fields: { read: flag }, example: [] });

/** Shape of the arguments of observability. */
export const observabilityShape: Shape = object<ObservabilityArgs>({
  fields: { prometheusRules: rules, dashboard, agentMetrics, proxyStats },
  otherNames: { alerts: "prometheusRules", rules: "prometheusRules", grafana: "dashboard" },
  example: ["prometheusRules"],
});

function alertLabel(name: string): string | undefined {
  if (ownAlertLabels.includes(name)) {
    return "as a key, the alerts have this label already";
  }
  return alertLabelPattern.test(name) ? undefined : "as a key, it is no name of a label of Prometheus";
}

function exporterImage(image: string): string | undefined {
  if (image.includes("@")) {
    return "it contains a digest";
  }
  return /^[\w./:[\]-]+:[\w][\w.-]{0,127}$/.test(image) ? undefined : "it is no image with a tag";
}

function runbookUrl(url: string): string | undefined {
  if (url === "") {
    return "it is empty";
  }
  return url.includes("#") ? "it has an anchor already, and each alert adds its own" : undefined;
}
