import type * as k8s from "@pulumi/kubernetes";
import { agentMetadata, selectorLabels, type ObjectContext } from "./metadata";
import type { AgentSettings } from "../settings/agent";

/**
 * Lets node drains take one agent pod at a time; undefined with one replica, where it would block them for ever.
 *
 * @param settings - The agent's settings.
 * @param context - Namespace, labels and annotations.
 */
export function agentPodDisruptionBudget(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.policy.v1.PodDisruptionBudget | undefined {
  if (settings.replicas <= 1) {
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
