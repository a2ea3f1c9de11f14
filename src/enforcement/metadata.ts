import type * as k8s from "@pulumi/kubernetes";
import type { IntegrationSettings } from "../settings/integration";
import type { TargetArgs } from "../args/targets";

/** Name of the objects of a target. */
export function enforcementName(component: string, target: string): string {
  return `${component}-${target}`;
}

/** Metadata of the objects of a target; the user's labels never replace ours. */
export function enforcementMetadata(
  settings: IntegrationSettings,
  target: TargetArgs,
): k8s.types.input.meta.v1.ObjectMeta {
  return {
    name: enforcementName(settings.name, target.name),
    namespace: target.namespace,
    labels: {
      ...settings.labels,
      "app.kubernetes.io/name": "sigsci-agent",
      "app.kubernetes.io/instance": settings.agent.name,
      "app.kubernetes.io/part-of": "sigsci-istio",
      "app.kubernetes.io/managed-by": "pulumi",
    },
    ...(Object.keys(settings.annotations).length > 0 && { annotations: settings.annotations }),
  };
}
