import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { grpcPortName } from "./container";
import { metricsPortName } from "./metricsExporter";
import { agentMetadata, selectorLabels, someEntries, type ObjectContext } from "./metadata";
import { ownLabels } from "../kubernetes/ownership";
import { mostReplicas, type AgentSettings, type NetworkPolicySettings } from "../settings/agent";

/**
 * The agent's namespace: the Pod Security profile "restricted" is enforced, and Istio adds no proxies, so that
 * no check is itself checked.
 *
 * Source: Kubernetes, "Pod Security Admission"; Istio, "Installing the sidecar".
 */
export function agentNamespace(context: ObjectContext): k8s.types.input.core.v1.Namespace {
  return {
    metadata: {
      name: context.namespace,
      labels: {
        ...context.labels,
        ...ownLabels,
        "istio-injection": "disabled",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
      ...someEntries("annotations", { ...context.annotations }),
    },
  };
}

/** Name of the pods' ServiceAccount: the one given, else one of our own named like the agent. */
export function accountName(settings: AgentSettings): pulumi.Input<string> {
  return settings.serviceAccountName ?? settings.name;
}

/**
 * A ServiceAccount without a token, since the agent never speaks to the Kubernetes API; undefined when one is
 * given.
 */
export function agentServiceAccount(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.core.v1.ServiceAccount | undefined {
  return settings.serviceAccountName === undefined
    ? { metadata: agentMetadata(settings, context), automountServiceAccountToken: false }
    : undefined;
}

const dnsPort = 53;
const httpsPort = 443;

/**
 * Ingress to the gRPC port, and to that of the exporter where there is one; egress to DNS and TCP 443 only. Undefined when none is asked for.
 * The kubelet's probes come from the node, which Kubernetes always lets through.
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
          // By name: while a changed port rolls out, old and new pods are each let in on their own one. By number too: some
          // network plugins, such as older ones of Amazon's, look for the name in the pods that ask and then let nobody in.
          ports: [grpcPortName, settings.port].map((port) => ({ protocol: "TCP", port })),
        },
        // Where Prometheus runs is not known here.
        ...(settings.metrics === undefined
          ? []
          : [{ ports: [metricsPortName, settings.metrics.port].map((port) => ({ protocol: "TCP", port })) }]),
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

/**
 * Lets node drains take one agent pod at a time; undefined where there is never a second one: a budget that protects the
 * only pod blocks every drain for ever, since an eviction, unlike a rollout, starts no other pod first.
 *
 * Source: Kubernetes, "Specifying a Disruption Budget for your Application".
 */
export function agentPodDisruptionBudget(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.policy.v1.PodDisruptionBudget | undefined {
  if (mostReplicas(settings) <= 1) {
    return undefined;
  }
  return {
    metadata: agentMetadata(settings, context),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorLabels(settings) },
      // A pod that is not ready answers nobody; it must not hold up a drain.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
