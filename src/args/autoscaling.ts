import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * A HorizontalPodAutoscaler that sets the number of agent pods by their CPU use. The cluster must serve the resource
 * metrics API, as metrics-server does.
 *
 * Kubernetes: [Horizontal Pod Autoscaling](https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/).
 */
export interface AutoscalingArgs {
  /** Most agent pods, at least `minReplicas`. */
  maxReplicas: number;

  /**
   * Fewest agent pods; also how many a new Deployment starts with. With 1, nobody answers while a drained node's pod is
   * replaced.
   *
   * @default 2
   */
  minReplicas?: number;

  /**
   * CPU use, on average over all pods, that the autoscaler aims at, in percent of the pods' CPU requests. What is left
   * carries the load until a new pod is ready.
   *
   * @default 70
   */
  targetCpuPercent?: number;

  /**
   * How fast pods are added and taken away. Kubernetes:
   * [Configurable scaling behavior](https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior).
   *
   * @default Kubernetes' own: every 15 seconds up to 4 more pods or twice as many, whichever is more, and fewer only after
   * 5 minutes that need no more
   */
  behavior?: pulumi.Input<k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerBehavior>;
}
