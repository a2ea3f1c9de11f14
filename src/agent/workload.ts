import type * as k8s from "@pulumi/kubernetes";
import type { SecretReference } from "./credentials";
import { agentMetadata, selectorLabels, type ObjectContext } from "./metadata";
import { agentPodTemplate, versionLabel } from "./podTemplate";
import type { AgentSettings } from "../settings/agent";

const revisionHistoryLimit = 3;

/**
 * The DaemonSet of NodeLocal placement: one agent for each node.
 *
 * Source: guide, "Deploy the external authorizer", with a DaemonSet in place of the Deployment.
 *
 * @param settings - The agent's settings.
 * @param secret - Where the keys are.
 * @param context - Namespace, labels and annotations.
 */
export function agentDaemonSet(
  settings: AgentSettings,
  secret: SecretReference,
  context: ObjectContext,
): k8s.types.input.apps.v1.DaemonSet {
  const metadata = agentMetadata(settings, context);
  return {
    metadata: { ...metadata, labels: { ...metadata.labels, ...versionLabel(settings) } },
    spec: {
      revisionHistoryLimit,
      selector: { matchLabels: selectorLabels(settings) },
      // The new pod of a node is ready before the old one goes: nobody else answers for this node.
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: agentPodTemplate(settings, secret),
    },
  };
}
