import { dashboardTag } from "../observability/dashboard";
import type { RecordedResource } from "../offline/recordedResource";
import { redact } from "../offline/secretValue";
import { isRecord } from "../pulumi/inputs";
import { COMPONENT_TYPE } from "./externalMesh";

/** A file for Prometheus or Grafana, by its path in the folder of the manifests. */
export interface MonitoringFile {
  /** `monitoring/<name>` */
  readonly file: string;
  readonly text: string;
}

/** Folder of files that are no Kubernetes objects: `kubectl apply -f` does not look into it. */
export const monitoringFolder = "monitoring";

/**
 * The alerts as a rule file of Prometheus and the dashboards as JSON, for those who run neither the Prometheus Operator
 * nor the sidecar of Grafana's chart.
 *
 * @param mark - First line of a text that a render wrote.
 */
export function monitoringFiles(resources: readonly RecordedResource[], mark: string): MonitoringFile[] {
  return resources.flatMap((resource) => {
    if (resource.type === COMPONENT_TYPE) {
      const rules = redact(resource.outputs.prometheusRulesYaml);
      const text = `${mark}: a rule file of Prometheus.\n${String(rules)}`;
      return typeof rules === "string"
        ? [{ file: `${monitoringFolder}/${resource.name}-rules.yaml`, text }]
        : [];
    }
    const data = redact(resource.inputs.data);
    return resource.type === "kubernetes:core/v1:ConfigMap" && isRecord(data)
      ? Object.entries(data).flatMap(([name, text]) =>
          typeof text === "string" && isDashboard(text)
            ? [{ file: `${monitoringFolder}/${name}`, text }]
            : [],
        )
      : [];
  });
}

/** Whether a text is a dashboard that this package wrote. */
export function isDashboard(text: string): boolean {
  return text.startsWith("{") && text.includes(`"tags": [\n    "${dashboardTag}"\n  ]`);
}
