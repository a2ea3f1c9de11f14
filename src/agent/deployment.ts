import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { agentContainer, temporaryVolume } from "./container";
import type { SecretReference } from "./credentials";
import {
  agentLabels,
  agentMetadata,
  injectionKey,
  selectorLabels,
  someEntries,
  type ObjectContext,
} from "./metadata";
import { accountName } from "./serviceAccount";
import type { AgentSettings } from "./settings";

const revisionHistoryLimit = 3;
// Kubernetes' own default; a longer startup probe must not count as a failed rollout.
const progressDeadlineSeconds = 600;
const progressReserveSeconds = 60;

/**
 * The Deployment that serves all targets.
 *
 * Source: guide, "Deploy the external authorizer"; facts that the guide leaves out are explained beside them.
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
    // The version stands here and on the pods only: an upgrade changes nothing else in the preview.
    metadata: { ...metadata, labels: { ...metadata.labels, ...versionLabel(settings) } },
    spec: {
      replicas: settings.replicas,
      revisionHistoryLimit,
      progressDeadlineSeconds: Math.max(progressDeadlineSeconds, startSeconds),
      selector: { matchLabels: selectorLabels(settings) },
      // The old pod stays until the new one is ready: with one replica nobody else would answer.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: podMetadata(settings), spec: podSpec(settings, secret) },
    },
  };
}

function versionLabel({ image }: AgentSettings): Record<string, pulumi.Input<string>> {
  return image.version === undefined ? {} : { "app.kubernetes.io/version": image.version };
}

function podMetadata(settings: AgentSettings): k8s.types.input.meta.v1.ObjectMeta {
  // The label decides; the annotation is what releases before Istio 1.10 read.
  const notInjected = { [injectionKey]: "false" };
  return {
    labels: { ...settings.podLabels, ...agentLabels(settings), ...versionLabel(settings), ...notInjected },
    annotations: { ...settings.podAnnotations, ...notInjected },
  };
}

function podSpec(settings: AgentSettings, secret: SecretReference): k8s.types.input.core.v1.PodSpec {
  return {
    serviceAccountName: accountName(settings),
    automountServiceAccountToken: false,
    // Variables for every Service of the namespace would only fill the environment.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: settings.shutdown.terminationGracePeriodSeconds,
    securityContext: settings.podSecurityContext,
    containers: [agentContainer(settings, { secret, listenHost: "" })],
    volumes: [temporaryVolume(settings)],
    ...scheduling(settings),
  };
}

function scheduling(settings: AgentSettings): Partial<k8s.types.input.core.v1.PodSpec> {
  const { affinity, imagePullSecrets, nodeSelector, priorityClassName, tolerations } = settings;
  return {
    ...someEntries(
      "imagePullSecrets",
      imagePullSecrets.map((name) => ({ name })),
    ),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...someEntries("nodeSelector", nodeSelector),
    ...someEntries("tolerations", tolerations),
    ...(affinity !== undefined && { affinity }),
    ...(settings.replicas > 1 && {
      topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(
        (topologyKey) => ({
          topologyKey,
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: selectorLabels(settings) },
          // Spreads the pods of a new version by themselves, not together with those they replace.
          matchLabelKeys: ["pod-template-hash"],
        }),
      ),
    }),
  };
}
