/** Explains `status`. */
export const statusHelp = `
Asks the cluster, every replica of istiod and, with --stats, the proxies. A
workload is called inspected only when the configuration of each of its proxies
holds the target's filters, the agent has a healthy endpoint there, and the proxy
has acknowledged it. Nothing is written. docs/permissions-status.yaml has the
rights that are needed; istiod is reached by a port-forward, or at --istiod.

Exit codes: 0 all targets are inspected, 1 something is not, 2 wrong usage,
3 not enough could be seen to say.

Examples:
  pulumi-sigsci-istio status
  pulumi-sigsci-istio status --namespace shop --stats
  pulumi-sigsci-istio status --json | jq '.workloads[] | select(.status != "inspected")'`;

/** Explains `doctor`. */
export const doctorHelp = `
Looks like \`status\` and says of each finding what it means for traffic and what
mends it. docs/troubleshooting.md has a paragraph on each.

Exit codes: as those of status.`;
