import type * as k8s from "@pulumi/kubernetes";
import type { SecretReference } from "../settings/secretReference";
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
 */
export function agentDeployment(
  settings: AgentSettings,
  secret: SecretReference,
  context: ObjectContext,
): k8s.types.input.apps.v1.Deployment {
  const { periodSeconds, failureThreshold, enabled } = settings.startupProbe;
  const startSeconds = enabled ? periodSeconds * failureThreshold + progressReserveSeconds : 0;
  return {
    metadata: workloadMetadata(settings, context),
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

/**
 * The DaemonSet of NodeLocal placement: one agent for each node.
 *
 * Source: guide, "Deploy the external authorizer", with a DaemonSet in place of the Deployment.
 */
export function agentDaemonSet(
  settings: AgentSettings,
  secret: SecretReference,
  context: ObjectContext,
): k8s.types.input.apps.v1.DaemonSet {
  return {
    metadata: workloadMetadata(settings, context),
    spec: {
      revisionHistoryLimit,
      selector: { matchLabels: selectorLabels(settings) },
      // The new pod of a node is ready before the old one goes: nobody else answers for this node.
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: agentPodTemplate(settings, secret),
    },
  };
}

function workloadMetadata(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.meta.v1.ObjectMeta {
  const metadata = agentMetadata(settings, context);
  return { ...metadata, labels: { ...metadata.labels, ...versionLabel(settings) } };
}
