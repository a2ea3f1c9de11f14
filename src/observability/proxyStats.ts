import { stringify } from "yaml";
import { Enforcement } from "../args/integration";

/**
 * The counters that alerts and dashboard read, as regular expressions over Envoy's names of them.
 *
 * Source: Istio, pkg/bootstrap/config.go and `ProxyStatsMatcher` of ProxyConfig.
 *
 * @param cluster - Envoy's name of the cluster over which the agent is asked.
 */
export function statsRegexps(cluster: string, enforcement: Enforcement): string[] {
  const isProcessing = enforcement === Enforcement.ExternalProcessing;
  return [
    isProcessing ? ".*ext_proc.*" : ".*ext_authz.*",
    `cluster\\.${cluster.replaceAll(/[.|]/g, "\\$&")};?\\..*`,
    ...(isProcessing ? [] : ["access_logs\\.grpc_access_log\\..*"]),
  ];
}

/** What `meshConfig.defaultConfig`, or the annotation `proxy.istio.io/config` of a pod, needs. */
export function proxyStatsYaml(cluster: string, enforcement: Enforcement): string {
  return stringify(
    { proxyStatsMatcher: { inclusionRegexps: statsRegexps(cluster, enforcement) } },
    { lineWidth: 0 },
  );
}
