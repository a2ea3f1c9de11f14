import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Placement } from "../args/integration";
import { componentLabels } from "../kubernetes/ownership";
import type { IntegrationSettings } from "../settings/integration";
import type { TargetArgs } from "../args/targets";
import { excludedPodsAnnotation, excludedPodsText } from "./excludedPods";

/** Name of the objects of a target. */
export function enforcementName(component: string, target: string): string {
  return `${component}-${target}`;
}

/** Key of the annotation that names the component which made an object of a target. */
export const componentAnnotation = "pulumi-sigsci-istio/component";

/** Key of the annotation that names the target that an object was made for. */
export const targetAnnotation = "pulumi-sigsci-istio/target";

/** Metadata of an object of a target. */
export interface TargetMetadata extends k8s.types.input.meta.v1.ObjectMeta {
  annotations: Record<string, pulumi.Input<string>>;
}

/** Metadata of the objects of a target; the user's labels and annotations never replace ours. */
export function enforcementMetadata(settings: IntegrationSettings, target: TargetArgs): TargetMetadata {
  return {
    name: enforcementName(settings.name, target.name),
    namespace: target.namespace,
    labels: {
      ...settings.labels,
      ...componentLabels(settings.agent.name),
    },
    annotations: {
      ...settings.annotations,
      [componentAnnotation]: settings.name,
      [targetAnnotation]: target.name,
      ...withoutAgent(settings, target),
    },
  };
}

/** Says which pods of a target have no agent to ask; a workload that it names is patched, whatever its labels. */
function withoutAgent({ placement, sidecar }: IntegrationSettings, { workload }: TargetArgs): object {
  const applies =
    placement === Placement.Sidecar && workload === undefined && sidecar.excludedPods.length > 0;
  return applies ? { [excludedPodsAnnotation]: excludedPodsText(sidecar.excludedPods) } : {};
}
