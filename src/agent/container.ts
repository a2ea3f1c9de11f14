import type * as k8s from "@pulumi/kubernetes";
import type { SecretReference } from "./credentials";
import { agentEnvironment, type ListenHost } from "./environment";
import { agentImage } from "./image";
import type { AgentSettings } from "./settings";

/** Name of the agent's container. Source: guide, "Deploy the external authorizer". */
export const containerName = "sigsci-agent";
/** Name of the writable volume. Source: guide, "Agent temporary volume". */
export const volumeName = "sigsci-tmp";
/** Name of the container's gRPC port: not `grpc`, which an application beside the agent may use. */
export const grpcPortName = "sigsci-grpc";
/** Name of the container's startup probe port. */
export const startupPortName = "sigsci-startup";

const readinessPeriodSeconds = 5;

/** Where the agent's container runs. */
export interface ContainerContext {
  /** Where the keys are. */
  secret: SecretReference;
  /** Host part of the gRPC listener's address: empty for a Service, 127.0.0.1 inside an application's pod. */
  listenHost: ListenHost;
}

/**
 * The agent's container. It fits the Pod Security profile "restricted" together with a pod security context
 * that names the user and the seccomp profile.
 *
 * @param settings - The agent's settings.
 * @param context - Where it runs.
 */
export function agentContainer(
  settings: AgentSettings,
  context: ContainerContext,
): k8s.types.input.core.v1.Container {
  const image = agentImage(settings.image);
  return {
    name: containerName,
    image: image.reference,
    imagePullPolicy: image.pullPolicy,
    env: agentEnvironment(settings, context.secret, context.listenHost),
    ports: containerPorts(settings),
    resources: settings.resources,
    ...probes(settings),
    ...lifecycle(settings),
    // Without it a pod that cannot start, for example with wrong keys, shows no reason in its status.
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: volumeName, mountPath: settings.temporaryVolume.mountPath }],
  };
}

/**
 * The writable volume that the container mounts.
 *
 * @param settings - The agent's settings.
 */
export function temporaryVolume(settings: AgentSettings): k8s.types.input.core.v1.Volume {
  return { name: volumeName, emptyDir: { sizeLimit: settings.temporaryVolume.sizeLimit } };
}

function containerPorts({ port, startupProbe }: AgentSettings): k8s.types.input.core.v1.ContainerPort[] {
  const ports = [{ name: grpcPortName, containerPort: port, protocol: "TCP" }];
  if (startupProbe.enabled) {
    ports.push({ name: startupPortName, containerPort: startupProbe.port, protocol: "TCP" });
  }
  return ports;
}

function probes({
  port,
  startupProbe,
}: AgentSettings): Pick<k8s.types.input.core.v1.Container, "startupProbe" | "readinessProbe"> {
  const { enabled, periodSeconds, failureThreshold } = startupProbe;
  return {
    ...(enabled && {
      startupProbe: {
        httpGet: { path: "/startup", port: startupProbe.port },
        periodSeconds,
        failureThreshold,
      },
    }),
    // Whether the agent answers gRPC health checks as an external authorizer is not documented.
    readinessProbe: { tcpSocket: { port }, periodSeconds: readinessPeriodSeconds },
  };
}

function lifecycle({ shutdown }: AgentSettings): Pick<k8s.types.input.core.v1.Container, "lifecycle"> {
  const seconds = shutdown.preStopSleepSeconds;
  return seconds > 0 ? { lifecycle: { preStop: { exec: { command: ["sleep", String(seconds)] } } } } : {};
}
