import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SidecarForm } from "../args/sidecar";

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
