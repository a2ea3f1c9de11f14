import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { quantityCeiling } from "../kubernetes/quantity";

type Resources = k8s.types.input.core.v1.ResourceRequirements;

/** The CPU limit in whole CPUs, rounded up; undefined when there is none. */
export function cpuLimit(resources: pulumi.Unwrap<pulumi.Input<Resources>>): bigint | undefined {
  const limit = resources.limits?.cpu;
  return limit === undefined ? undefined : quantityCeiling(limit);
}
