import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AgentArgs } from "./agent";
import type { ExistingSecretArgs } from "./credentials";

/** What kind of container the agent is in an application's pod. */
export enum SidecarForm {
  /**
   * An init container with `restartPolicy: Always`: it is ready before the application starts and ends after it.
   * Needs Kubernetes 1.29 or later.
   */
  NativeSidecar = "NativeSidecar",
  /** A container beside the application's. */
  Container = "Container",
}

/** How the agent gets into the pods of a target that names no `workload`. */
export enum SidecarInjection {
  /** It stands in the pod template: the program that owns a workload adds it, `withSigsciAgent` or a transform. */
  Template = "Template",
  /**
   * The API server adds it to each pod that is created, by a MutatingAdmissionPolicy for each target. Nothing runs
   * beside it, and no workload is changed; pods that run already get it when they are started again. Needs
   * Kubernetes 1.36 or later.
   *
   * Kubernetes: [Mutating Admission Policy](https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/).
   */
  Admission = "Admission",
}

/** What the API server does with a pod when a policy of ours cannot be evaluated or does not fit it. */
export enum AdmissionFailurePolicy {
  /** The pod is refused, with the reason: none runs without the agent. */
  Fail = "Fail",
  /** The pod is created as it is, with a warning: it runs without the agent. */
  Ignore = "Ignore",
}

/** Pods of the targets that stay without the agent. */
export interface ExcludedPodsArgs {
  /** Labels that the pods carry, all of them. */
  matchLabels: Record<string, string>;
}

/** How the agent's container joins a pod, with placement Sidecar. */
export interface SidecarPlacementArgs {
  /**
   * How the agent gets into the pods of the targets that name no `workload`.
   *
   * @default SidecarInjection.Template
   */
  injection?: SidecarInjection;

  /**
   * What becomes of a new pod that cannot get the agent, with `injection` Admission or `requireAgent`: one that uses
   * the node's network or the agent's port, and every one while a policy cannot be evaluated.
   *
   * @default AdmissionFailurePolicy.Fail
   */
  failurePolicy?: AdmissionFailurePolicy;

  /**
   * Pods of the targets that admission leaves alone: they neither get nor need the agent, and are not counted for
   * `enforceFromPercent`. The targets mean them all the same: while failing open their requests pass uninspected, else
   * they are refused. Pods for Windows and waypoints are always left alone.
   *
   * @default none
   */
  excludedPods?: ExcludedPodsArgs[];

  /**
   * Whether the API server refuses new pods of the targets without the agent, by a ValidatingAdmissionPolicy for each
   * target, however the agent gets into them. Needs Kubernetes 1.30 or later.
   *
   * @default false
   */
  requireAgent?: boolean;

  /**
   * From which share of the agents on, in percent, a target is inspected: its policy stays without effect until at
   * least so many of its running pods with a proxy carry the agent, with enforcement ExternalProcessing one that serves
   * it, and keeps its effect from then on. Each preview and update counts them, with the kubeconfig of `preflight`, and
   * says what is missing: start the pods again, then run `pulumi up` once more. A policy that has its effect already is
   * not held back, also when its agents move into the pods in the same run. A policy under a new name or of another kind
   * (`enforcement`) is counted anew.
   *
   * @default 0, at once
   */
  enforceFromPercent?: number;

  /**
   * What kind of container it is.
   *
   * @default SidecarForm.NativeSidecar
   */
  form?: SidecarForm;

  /**
   * Fields that take the place of ours in the container's security context.
   *
   * @default runAsNonRoot, user 100, group 1337 (whose traffic Istio leaves alone), seccomp RuntimeDefault, read-only
   * root file system, no capabilities
   */
  securityContext?: pulumi.Input<k8s.types.input.core.v1.SecurityContext>;
}

/** The agent in a pod that a program owns. */
export interface SidecarAgentArgs {
  /** The Secret with both keys, in the pod's own namespace. */
  secret: ExistingSecretArgs;

  /**
   * Image, options, resources and the like. What concerns pods of the agent's own (names, replicas, scheduling,
   * labels, grace period) and the port of the startup probe is refused.
   *
   * @default the defaults of each field, with a preStop sleep of 10 seconds in form Container
   */
  agent?: AgentArgs;

  /**
   * What kind of container the agent is.
   *
   * @default SidecarForm.NativeSidecar
   */
  form?: SidecarForm;

  /**
   * Whether the proxy of the pod asks the agent by external processing, as with `enforcement: ExternalProcessing`.
   *
   * @default false
   */
  externalProcessing?: boolean;

  /**
   * Fields that take the place of ours in the container's security context.
   *
   * @default runAsNonRoot, user 100, group 1337 (whose traffic Istio leaves alone), seccomp RuntimeDefault, read-only
   * root file system, no way to more rights, no capabilities
   */
  securityContext?: pulumi.Input<k8s.types.input.core.v1.SecurityContext>;
}
