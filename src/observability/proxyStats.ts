import { stringify } from "yaml";

/**
 * The counters that alerts and dashboard read, as regular expressions over Envoy's names of them.
 *
 * Source: Istio, pkg/bootstrap/config.go and `ProxyStatsMatcher` of ProxyConfig.
 *
 * @param cluster - Envoy's name of the cluster over which the agent is asked.
 */
export function statsRegexps(cluster: string): string[] {
  return [
    ".*ext_authz.*",
    `cluster\\.${cluster.replaceAll(/[.|]/g, "\\$&")};?\\..*`,
    "access_logs\\.grpc_access_log\\..*",
  ];
}

/** What `meshConfig.defaultConfig`, or the annotation `proxy.istio.io/config` of a pod, needs. */
export function proxyStatsYaml(cluster: string): string {
  return stringify({ proxyStatsMatcher: { inclusionRegexps: statsRegexps(cluster) } }, { lineWidth: 0 });
}
