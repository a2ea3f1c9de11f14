import assert from "node:assert/strict";
import type { StatusReport } from "../../src/status/report";
import {
  deployment,
  pod,
  policy,
  policyFilters,
  runStatus,
  shop,
  sidecarDump,
  type RecordedCluster,
} from "./recordedCluster";

/** A proxy that asks the agent. */
export const good = { dump: sidecarDump(policyFilters("waf-web")) };

/** One Deployment with two pods that a target means. */
export function cluster(
  changes: Partial<RecordedCluster> & { extra?: RecordedCluster["lists"] } = {},
): RecordedCluster {
  const { extra, ...rest } = changes;
  return {
    lists: {
      namespaces: [shop],
      deployments: [deployment("web")],
      pods: [pod("web-7d9-a", "web"), pod("web-7d9-b", "web")],
      authorizationpolicies: [policy("web", "web")],
      ...extra,
    },
    proxies: { "web-7d9-a.shop": good, "web-7d9-b.shop": good },
    ...rest,
  };
}

/** What the command prints as JSON. */
export async function reportOf(recorded: RecordedCluster, ...args: string[]): Promise<StatusReport> {
  const { exitCode, out, err } = await runStatus(recorded, ["status", "--json", ...args]);
  assert.notEqual(out, "", err);
  const report = JSON.parse(out) as StatusReport;
  assert.equal(report.exitCode, exitCode);
  return report;
}

/** What is said of the one workload, in short. */
export async function verdict(
  recorded: RecordedCluster,
  ...args: string[]
): Promise<[number, string, string[]]> {
  const { exitCode, workloads } = await reportOf(recorded, ...args);
  const [web] = workloads.filter(({ name }) => name === "web");
  assert.ok(web);
  const findings = web.findings.map(({ id, text, pods }) => [id, ...pods, text].join(" | "));
  return [exitCode, web.status, findings];
}

/** Name of the cluster over which the agent is asked. */
export const cluster9999 = "outbound|9999||sigsci-agent.sigsci.svc.cluster.local";
/** An EnvoyFilter of the component with one HTTP filter. */
export const envoyFilterWith = (value: object): object => ({
  metadata: (policy("web", "web") as { metadata: object }).metadata,
  spec: {
    workloadSelector: { labels: { app: "web" } },
    configPatches: [{ applyTo: "HTTP_FILTER", patch: { operation: "INSERT_FIRST", value } }],
  },
});
/** Both proxies with one HTTP filter. */
export const proxiesWith = (...filters: object[]): Pick<RecordedCluster, "proxies"> => {
  const proxy = { dump: sidecarDump(filters) };
  return { proxies: { "web-7d9-a.shop": proxy, "web-7d9-b.shop": proxy } };
};
/** What is said of a proxy that has not what the EnvoyFilter means. */
export const dropped =
  "filter-dropped | its proxy does not have the filters, or not as they are meant, of EnvoyFilter shop/waf-web";
