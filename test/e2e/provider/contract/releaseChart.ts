import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveCharts, type ChartRepository } from "../../stack/chartRepository";
import { createTemporaryFolder } from "../../stack/temporaryFolder";

/** What the chart of the contract makes: a ConfigMap with the value `text`, and a Deployment when `workload` is true. */
const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-text
data:
  text: {{ .Values.text | quote }}
  version: {{ .Chart.Version | quote }}
{{- if .Values.workload }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "web:1" }] }
{{- end }}
`;

/** Serves the chart `pages` in versions 1.0.0 and 1.1.0. */
export async function serveTestChart(): Promise<ChartRepository> {
  const folder = createTemporaryFolder("chart");
  try {
    mkdirSync(join(folder.path, "templates"));
    writeFileSync(join(folder.path, "Chart.yaml"), "apiVersion: v2\nname: pages\nversion: 0.0.1\n");
    writeFileSync(join(folder.path, "values.yaml"), "text: by default\nworkload: false\n");
    writeFileSync(join(folder.path, "templates", "all.yaml"), TEMPLATE);
    return await serveCharts(["1.0.0", "1.1.0"].map((version) => ({ folder: folder.path, version })));
  } finally {
    folder.remove();
  }
}
