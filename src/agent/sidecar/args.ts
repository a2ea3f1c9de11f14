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
