import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exporterContainer, mappingVolume } from "./metricsExporter";
import { agentContainer, temporaryVolume } from "./container";
import type { SecretReference } from "../settings/secretReference";
import { agentLabels, injectionKey, selectorLabels, someEntries } from "./metadata";
import { accountName } from "./objects";
import { mostReplicas, type AgentSettings } from "../settings/agent";

/**
 * The template of the agent's own pods, whoever makes them.
 *
 * Source: guide, "Deploy the external authorizer"; facts that the guide leaves out are explained beside them.
 */
export function agentPodTemplate(
  settings: AgentSettings,
  secret: SecretReference,
): k8s.types.input.core.v1.PodTemplateSpec {
  return { metadata: podMetadata(settings), spec: podSpec(settings, secret) };
}

/**
 * The label with the agent's version. It stands on the workload and its pods only: an upgrade changes nothing else
 * in the preview.
 */
export function versionLabel({ image }: AgentSettings): Record<string, pulumi.Input<string>> {
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
  const { metrics } = settings;
  return {
    serviceAccountName: accountName(settings),
    automountServiceAccountToken: false,
    // Variables for every Service of the namespace would only fill the environment.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: settings.shutdown.terminationGracePeriodSeconds,
    securityContext: settings.podSecurityContext,
    containers: [
      agentContainer(settings, { secret, listenHost: "" }),
      ...(metrics === undefined ? [] : [exporterContainer(metrics)]),
    ],
    volumes: [temporaryVolume(settings), ...(metrics === undefined ? [] : [mappingVolume(settings)])],
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
    ...(mostReplicas(settings) > 1 && {
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
