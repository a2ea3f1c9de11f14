/** What a container of the agent's pods, or the agent in another pod, needs: no change of its root file system, no way to more rights. */
export const containerSecurityContext = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
};
