import type { AutoscalingArgs } from "../../args/autoscaling";
import { defaultMinReplicas, defaultTargetCpuPercent } from "../../settings/autoscaling";
import { input, number, object } from "../shape";
import { scalingBehaviorShape } from "./kubernetes";

const leastPods = "Use 1 or more. To take the agent out of the mesh use teardown.";

/** Shape of a number of agent pods. */
export const replicasShape = number(podCount, leastPods);

/** Shape of the autoscaler's arguments. */
export const autoscalingShape = object<AutoscalingArgs>({
  fields: {
    maxReplicas: number(podCount, leastPods, 10),
    minReplicas: number(podCount, leastPods, defaultMinReplicas),
    targetCpuPercent: number(percent, "Use a whole number of percent, such as 70.", defaultTargetCpuPercent),
    behavior: input(scalingBehaviorShape),
  },
  required: ["maxReplicas"],
  otherNames: {
    targetCPUUtilizationPercentage: "targetCpuPercent",
    averageUtilization: "targetCpuPercent",
  },
});

function podCount(value: number): string | undefined {
  if (value < 1) {
    return "with less than one replica nobody answers the checks";
  }
  return Number.isInteger(value) ? undefined : "it is no whole number";
}

function percent(value: number): string | undefined {
  return Number.isInteger(value) && value >= 1 ? undefined : "it is no whole number from 1 on";
}
