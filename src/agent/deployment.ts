import type * as k8s from "@pulumi/kubernetes";
import type { SecretReference } from "./credentials";
import { agentMetadata, selectorLabels, type ObjectContext } from "./metadata";
import { agentPodTemplate, versionLabel } from "./podTemplate";
import type { AgentSettings } from "../settings/agent";

const revisionHistoryLimit = 3;
// Kubernetes' own default; a longer startup probe must not count as a failed rollout.
const progressDeadlineSeconds = 600;
const progressReserveSeconds = 60;

/**
 * The Deployment that serves all targets.
 *
 * Source: guide, "Deploy the external authorizer".
 *
 * @param settings - The agent's settings.
 * @param secret - Where the keys are.
 * @param context - Namespace, labels and annotations.
 */
export function agentDeployment(
  settings: AgentSettings,
  secret: SecretReference,
  context: ObjectContext,
): k8s.types.input.apps.v1.Deployment {
  const { periodSeconds, failureThreshold, enabled } = settings.startupProbe;
  const startSeconds = enabled ? periodSeconds * failureThreshold + progressReserveSeconds : 0;
  const metadata = agentMetadata(settings, context);
  return {
    metadata: { ...metadata, labels: { ...metadata.labels, ...versionLabel(settings) } },
    spec: {
      replicas: settings.replicas,
      revisionHistoryLimit,
      progressDeadlineSeconds: Math.max(progressDeadlineSeconds, startSeconds),
      selector: { matchLabels: selectorLabels(settings) },
      // The old pod stays until the new one is ready: with one replica nobody else would answer.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: agentPodTemplate(settings, secret),
    },
  };
}
