import type * as k8s from "@pulumi/kubernetes";
import type { AgentSettings } from "../settings/agent";
import { agentMetadata, type ObjectContext } from "./metadata";

/**
 * Sets the number of the Deployment's pods by their CPU use; undefined with a number of the program's.
 *
 * Source: Kubernetes, "Horizontal Pod Autoscaling".
 */
export function agentAutoscaler(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.autoscaling.v2.HorizontalPodAutoscaler | undefined {
  const { autoscaling, name } = settings;
  if (autoscaling === undefined) {
    return undefined;
  }
  const { minReplicas, maxReplicas, targetCpuPercent, behavior } = autoscaling;
  const target = { type: "Utilization", averageUtilization: targetCpuPercent };
  return {
    metadata: agentMetadata(settings, context),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas,
      maxReplicas,
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
      ...(behavior !== undefined && { behavior }),
    },
  };
}
