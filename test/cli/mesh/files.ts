import { join } from "node:path";
import { readFileSync } from "node:fs";
import { inFolder } from "../../render/temporaryFolder";
import { runCommand, type CommandResult } from "../run";

/** The text of a mesh with one provider of somebody else and one that a component owns. */
export const meshText = `# kept
rootNamespace: istio-system
extensionProviders:
- name: waf-ext-authz
  envoyExtAuthzGrpc:
    service: waf-agent.sigsci.svc.cluster.local
    port: 9999
- name: otel # inline
  opentelemetry: {service: otel.observability.svc.cluster.local, port: 4317}
trustDomain: cluster.local`;

/** A file with two documents, the second of which is the mesh ConfigMap. */
export const manifest = `apiVersion: v1
kind: Service
metadata: {name: web}
---
# the mesh
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
  annotations:
    owner.pulumi-sigsci-istio/waf-ext-authz: shop/prod/waf#0a1b
data:
  meshNetworks: 'networks: {}'
  mesh: |-
${meshText.replace(/^/gm, "    ")}
# the end
`;

/** Flags of `mesh add` for two entries named after `edge`. */
export const edge: readonly string[] = ["--name", "edge", "--service", "edge.sigsci.svc.cluster.local"];

/** A file of a test. */
export interface TestFile {
  readonly path: string;
  /** What it holds now. */
  readonly read: () => string;
  /** Runs `pulumi-sigsci-istio mesh` with `--file` and its path behind the arguments. */
  readonly mesh: (...args: readonly string[]) => Promise<CommandResult>;
}

/**
 * Runs a test with a file in a folder of its own.
 *
 * @param content - What the file holds.
 * @param use - The test.
 */
export function withFile(content: string, use: (file: TestFile) => Promise<void>): Promise<void> {
  return inFolder({ "mesh.yaml": content }, async (folder) => {
    const path = join(folder, "mesh.yaml");
    await use({
      path,
      read: () => readFileSync(path, "utf8"),
      mesh: (...args) => runCommand(["mesh", ...args, "--file", path]),
    });
  });
}

/** Columns of the widest line. */
export function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}
