import type * as k8s from "@pulumi/kubernetes";

/** The official image. Source: guide, "Getting and updating the agent container image". */
export const defaultRepository = "signalsciences/sigsci-agent";

/** The newest agent version known when this package was released. Source: Fastly, agent release notes. */
export const defaultVersion = "4.84.0";

/** First agent version with a startup probe. Source: Fastly, agent release notes for 4.51.0. */
export const startupProbeVersion = "4.51.0";

/** TCP port of the Envoy gRPC listener. Source: guide, "Deploy the external authorizer". */
export const defaultPort = 9999;

/** One agent: the access log of a proxy goes to one, so several would see responses to requests they never saw. */
export const defaultReplicas = 1;

/** Whether the agent waits for response data, as the guide's form does. */
export const defaultExpectResponseData = true;

/** Where the image expects its writable volume. Source: guide, "Agent temporary volume". */
export const defaultMountPath = "/sigsci/tmp";

/** Size limit of the writable volume; an unlimited one could fill the node's disk. */
export const defaultSizeLimit = "256Mi";

/** Startup probe: 90 attempts, 2 seconds apart. Source: Fastly, "Configuring a startup probe". */
export const defaultStartupProbe = { enabled: true, port: 2024, periodSeconds: 2, failureThreshold: 90 };

/** Seconds of preStop sleep. Source: guide, "preStop container hook". */
export const defaultPreStopSleepSeconds = 30;

/** Seconds between the end of the preStop sleep and the kill; the agent must find time to stop. */
export const stopSeconds = 15;

/** Where the agent may connect to on TCP 443: its cloud is known by host names, not by addresses. */
export const defaultToCidrs: readonly string[] = ["0.0.0.0/0", "::/0"];

/**
 * One CPU and 512Mi, the documented start; the memory limit leaves room above it.
 *
 * Source: Fastly, agent sizing: one full core and at least 500 MB for each agent, then a load test.
 */
export const defaultResources: k8s.types.input.core.v1.ResourceRequirements = {
  requests: { cpu: "1", memory: "512Mi" },
  limits: { cpu: "1", memory: "1Gi" },
};

/**
 * In an application's pod: a fifth of a CPU, as one agent there serves one pod, and the documented memory. The limits are
 * those of an agent for all.
 *
 * Source: Fastly, agent sizing: 95 of 100 agents use no more than about 20 % of the CPU that they are given.
 */
export const defaultSidecarResources: k8s.types.input.core.v1.ResourceRequirements = {
  ...defaultResources,
  requests: { cpu: "200m", memory: "512Mi" },
};

/** User and group of the image's user `sigsci`, and what the Pod Security profile "restricted" asks for. */
export const defaultPodSecurityContext: k8s.types.input.core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: 100,
  runAsGroup: 101,
  fsGroup: 101,
  seccompProfile: { type: "RuntimeDefault" },
};
