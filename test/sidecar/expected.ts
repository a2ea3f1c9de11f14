/** The agent's container in an application's pod, as it is by default, in form Container. */
export const agentInPod = {
  name: "sigsci-agent",
  image: "signalsciences/sigsci-agent:4.84.0",
  imagePullPolicy: "IfNotPresent",
  env: [
    {
      name: "SIGSCI_ACCESSKEYID",
      valueFrom: { secretKeyRef: { name: "sigsci.shop", key: "accesskeyid" } },
    },
    {
      name: "SIGSCI_SECRETACCESSKEY",
      valueFrom: { secretKeyRef: { name: "sigsci.shop", key: "secretaccesskey" } },
    },
    { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: "127.0.0.1:9999" },
    { name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" },
    { name: "SIGSCI_STARTUP_PROBE_FILEPATH", value: "/sigsci/tmp/startup-complete" },
    { name: "SIGSCI_MAX_PROCS", value: "1" },
  ],
  ports: [{ name: "sigsci-grpc", containerPort: 9999, protocol: "TCP" }],
  resources: { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
  startupProbe: {
    exec: { command: ["cat", "/sigsci/tmp/startup-complete"] },
    periodSeconds: 2,
    failureThreshold: 90,
  },
  lifecycle: { preStop: { exec: { command: ["sleep", "10"] } } },
  terminationMessagePolicy: "FallbackToLogsOnError",
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 100,
    runAsGroup: 1337,
    seccompProfile: { type: "RuntimeDefault" },
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [{ name: "sigsci-tmp", mountPath: "/sigsci/tmp" }],
};

/** The same as a native sidecar: it needs no sleep, as it is stopped last. */
export const nativeAgent = {
  ...Object.fromEntries(Object.entries(agentInPod).filter(([field]) => field !== "lifecycle")),
  restartPolicy: "Always",
};

/** The agent's volume. */
export const agentVolume = { name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } };
