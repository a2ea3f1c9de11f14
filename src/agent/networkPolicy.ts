import type * as k8s from "@pulumi/kubernetes";
import { agentMetadata, selectorLabels, type ObjectContext } from "./metadata";
import type { AgentSettings, NetworkPolicySettings } from "../settings/agent";

const dnsPort = 53;
const httpsPort = 443;

/**
 * Ingress to the gRPC port only; egress to DNS and TCP 443 only. Undefined when none is asked for.
 * The kubelet's probes come from the node, which Kubernetes always lets through.
 *
 * @param settings - The agent's settings.
 * @param context - Namespace, labels and annotations.
 */
export function agentNetworkPolicy(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.networking.v1.NetworkPolicy | undefined {
  const policy = settings.networkPolicy;
  if (policy === undefined) {
    return undefined;
  }
  return {
    metadata: agentMetadata(settings, context),
    spec: {
      podSelector: { matchLabels: selectorLabels(settings) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [{ namespaceSelector: namespaceSelector(policy) }],
          ports: [{ protocol: "TCP", port: settings.port }],
        },
      ],
      egress: [
        // To any address: DNS may be a Service, a node-local cache or a server outside the cluster.
        { ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: dnsPort })) },
        {
          to: policy.toCidrs.map((cidr) => ({ ipBlock: { cidr } })),
          ports: [{ protocol: "TCP", port: httpsPort }],
        },
      ],
    },
  };
}

function namespaceSelector({ fromNamespaces }: NetworkPolicySettings): k8s.types.input.meta.v1.LabelSelector {
  if (fromNamespaces === undefined) {
    return {};
  }
  // Kubernetes gives every namespace this label itself.
  const byName = { key: "kubernetes.io/metadata.name", operator: "In", values: fromNamespaces };
  return { matchExpressions: [byName] };
}
