import type { AutoscalingArgs } from "../args/autoscaling";

/** The autoscaler's arguments with every default filled in; without `behavior` it is Kubernetes' own. */
export type AutoscalingSettings = Required<Omit<AutoscalingArgs, "behavior">> &
  Pick<AutoscalingArgs, "behavior">;

/** Two, so that one answers while the other is away. */
export const defaultMinReplicas = 2;

/** A new pod has its image to pull and its rules to load first: until then the others need room. */
export const defaultTargetCpuPercent = 70;

/** Fills in every default. Nothing is checked here. */
export function autoscalingSettings(args: AutoscalingArgs): AutoscalingSettings {
  return {
    maxReplicas: args.maxReplicas,
    minReplicas: args.minReplicas ?? defaultMinReplicas,
    targetCpuPercent: args.targetCpuPercent ?? defaultTargetCpuPercent,
    behavior: args.behavior,
  };
}
