import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { agentMetadata, type ObjectContext } from "./metadata";
import type { AgentSettings } from "../settings/agent";

/**
 * Name of the pods' ServiceAccount: the one given, else one of our own named like the agent.
 *
 * @param settings - The agent's settings.
 */
export function accountName(settings: AgentSettings): pulumi.Input<string> {
  return settings.serviceAccountName ?? settings.name;
}

/**
 * A ServiceAccount without a token, since the agent never speaks to the Kubernetes API; undefined when one is
 * given.
 *
 * @param settings - The agent's settings.
 * @param context - Namespace, labels and annotations.
 */
export function agentServiceAccount(
  settings: AgentSettings,
  context: ObjectContext,
): k8s.types.input.core.v1.ServiceAccount | undefined {
  return settings.serviceAccountName === undefined
    ? { metadata: agentMetadata(settings, context), automountServiceAccountToken: false }
    : undefined;
}
