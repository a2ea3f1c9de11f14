import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { WorkloadKind } from "../args/targets";
import type { ReadResource } from "../kubernetes/readRight";

/** Metadata and spec of a workload as the API server has it. */
export interface LiveWorkload {
  /** Its metadata. */
  metadata: pulumi.Output<unknown>;
  /** Its spec. */
  spec: pulumi.Output<unknown>;
}

/** Arguments of the patch of a workload. */
export interface WorkloadPatch {
  /** Name, namespace and annotations. */
  metadata: pulumi.Input<k8s.types.input.meta.v1.ObjectMetaPatch>;
  /** The part of the spec that is ours. */
  spec: pulumi.Input<{ template: k8s.types.input.core.v1.PodTemplateSpecPatch }>;
}

interface WorkloadResources {
  /** Plural name. */
  plural: ReadResource;
  read: (name: string, id: pulumi.Input<string>, options: pulumi.CustomResourceOptions) => LiveWorkload;
  patch: (name: string, args: WorkloadPatch, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;
}

const { apps } = k8s;

/** How workloads of each kind are read and patched. */
export const workloadResources: Readonly<Record<WorkloadKind, WorkloadResources>> = {
  [WorkloadKind.Deployment]: {
    plural: "deployments",
    read: (name, id, options) => apps.v1.Deployment.get(name, id, options),
    patch: (name, args, options) => new apps.v1.DeploymentPatch(name, args, options),
  },
  [WorkloadKind.StatefulSet]: {
    plural: "statefulsets",
    read: (name, id, options) => apps.v1.StatefulSet.get(name, id, options),
    patch: (name, args, options) => new apps.v1.StatefulSetPatch(name, args, options),
  },
  [WorkloadKind.DaemonSet]: {
    plural: "daemonsets",
    read: (name, id, options) => apps.v1.DaemonSet.get(name, id, options),
    patch: (name, args, options) => new apps.v1.DaemonSetPatch(name, args, options),
  },
};
