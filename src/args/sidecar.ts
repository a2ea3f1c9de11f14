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

/** How the agent's container joins a pod, with placement Sidecar. */
export interface SidecarPlacementArgs {
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
