import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SecretReference } from "../settings/secretReference";
import { containerSecurityContext } from "./containerSecurity";
import { agentEnvironment } from "./environment";
import { agentImage } from "../settings/image";
import type { AgentSettings } from "../settings/agent";
import { startupProbe, type ListenHost } from "./startupProbe";

/** Name of the agent's container. Source: guide, "Deploy the external authorizer". */
export const containerName = "sigsci-agent";
/** Name of the writable volume. Source: guide, "Agent temporary volume". */
export const volumeName = "sigsci-tmp";
/** Name of the container's gRPC port: not `grpc`, which an application beside the agent may use. */
export const grpcPortName = "sigsci-grpc";
/** Name of the container's startup probe port. */
export const startupPortName = "sigsci-startup";

const readinessPeriodSeconds = 5;

/** The agent's container; its name is plain, as others are compared with it. */
export type AgentContainer = k8s.types.input.core.v1.Container & { name: string };

/** Where the agent's container runs. */
export interface ContainerContext {
  /** Where the keys are. */
  secret: SecretReference;
  /** Host part of the gRPC listener's address: empty for a Service, 127.0.0.1 inside an application's pod. */
  listenHost: ListenHost;
  /** Security context of the container; without it the pod's names the user and the seccomp profile. */
  securityContext?: pulumi.Input<k8s.types.input.core.v1.SecurityContext>;
}

/**
 * The agent's container. It fits the Pod Security profile "restricted" together with a security context, of the
 * pod or of its own, that names the user and the seccomp profile.
 */
export function agentContainer(settings: AgentSettings, context: ContainerContext): AgentContainer {
  const image = agentImage(settings.image);
  return {
    name: containerName,
    image: image.reference,
    imagePullPolicy: image.pullPolicy,
    env: agentEnvironment(settings, context.secret, context.listenHost),
    ports: containerPorts(settings, context),
    resources: settings.resources,
    ...probes(settings, context),
    ...lifecycle(settings),
    // Without it a pod that cannot start, for example with wrong keys, shows no reason in its status.
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: context.securityContext ?? containerSecurityContext,
    volumeMounts: [{ name: volumeName, mountPath: settings.temporaryVolume.mountPath }],
  };
}

/** The writable volume that the container mounts. */
export function temporaryVolume(settings: AgentSettings): k8s.types.input.core.v1.Volume {
  return { name: volumeName, emptyDir: { sizeLimit: settings.temporaryVolume.sizeLimit } };
}

function containerPorts(
  { port, startupProbe: { enabled, port: startupPort } }: AgentSettings,
  { listenHost }: ContainerContext,
): k8s.types.input.core.v1.ContainerPort[] {
  const ports = [{ name: grpcPortName, containerPort: port, protocol: "TCP" }];
  if (enabled && listenHost === "") {
    ports.push({ name: startupPortName, containerPort: startupPort, protocol: "TCP" });
  }
  return ports;
}

function probes(
  settings: AgentSettings,
  { listenHost }: ContainerContext,
): Pick<k8s.types.input.core.v1.Container, "startupProbe" | "readinessProbe"> {
  const startup = startupProbe(settings, listenHost);
  const { port, externalProcessing } = settings;
  // The vendor documents gRPC health checks for external processing only; else the kubelet just connects.
  const readiness = externalProcessing ? { grpc: { port } } : { tcpSocket: { port } };
  return {
    ...(startup !== undefined && { startupProbe: startup }),
    // The kubelet cannot reach a loopback address.
    ...(listenHost === "" && {
      readinessProbe: { ...readiness, periodSeconds: readinessPeriodSeconds },
    }),
  };
}

function lifecycle({ shutdown }: AgentSettings): Pick<k8s.types.input.core.v1.Container, "lifecycle"> {
  const seconds = shutdown.preStopSleepSeconds;
  return seconds > 0 ? { lifecycle: { preStop: { exec: { command: ["sleep", String(seconds)] } } } } : {};
}
