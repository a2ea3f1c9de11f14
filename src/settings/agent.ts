import type {
  AgentArgs,
  NetworkPolicyArgs,
  ShutdownArgs,
  StartupProbeArgs,
  TemporaryVolumeArgs,
} from "../args/agent";
import {
  defaultExpectResponseData,
  defaultMountPath,
  defaultPodSecurityContext,
  defaultPort,
  defaultPreStopSleepSeconds,
  defaultReplicas,
  defaultResources,
  defaultSizeLimit,
  defaultStartupProbe,
  defaultToCidrs,
  stopSeconds,
} from "./agentDefaults";
import { autoscalingSettings, type AutoscalingSettings } from "./autoscaling";
import type { AgentMetricsSettings } from "./observability";
import { imageWithDefaults, type CompleteImage } from "./image";

type WithoutDefault =
  "autoscaling" | "networkPolicy" | "serviceAccountName" | "priorityClassName" | "affinity";

/** The agent's arguments with every default filled in; what is still optional has none. */
export interface AgentSettings
  extends Required<Omit<AgentArgs, WithoutDefault>>, Pick<AgentArgs, WithoutDefault> {
  /** Image with repository, and with a version unless a tag or a digest is given. */
  image: CompleteImage;
  /** Number of pods; with an autoscaler the fewest. */
  replicas: number;
  /** The autoscaler, when there is one. */
  autoscaling?: AutoscalingSettings;
  /** The writable volume. */
  temporaryVolume: Required<TemporaryVolumeArgs>;
  /** The startup probe. */
  startupProbe: Required<StartupProbeArgs>;
  /** preStop sleep and grace period. */
  shutdown: Required<ShutdownArgs>;
  /** The NetworkPolicy, when there is one; `fromNamespaces` undefined means every namespace. */
  networkPolicy?: NetworkPolicySettings;
  /** Whether Envoy asks it by external processing. */
  externalProcessing: boolean;
  /** The exporter beside it, when there is one; only in pods of its own. */
  metrics?: AgentMetricsSettings;
}

/** The NetworkPolicy's arguments with the defaults filled in. */
export interface NetworkPolicySettings extends NetworkPolicyArgs {
  /** CIDR blocks that the agent may reach on TCP 443. */
  toCidrs: string[];
}

/** Most pods that there may be at a time, rollouts aside. */
export function mostReplicas({ replicas, autoscaling }: AgentSettings): number {
  return autoscaling?.maxReplicas ?? replicas;
}

/**
 * The default name of the agent's objects. By external processing it is another one: a component that moves over runs both
 * agents until the proxies have turned to the new one.
 */
function defaultAgentName(componentName: string, externalProcessing: boolean): string {
  return `${componentName}${externalProcessing ? "-ext-proc" : ""}-agent`;
}

/**
 * Fills in every default. Nothing is checked here; see `agentProblems`.
 *
 * @param componentName - Logical name of the component; the agent's objects are named after it.
 * @param externalProcessing - Whether Envoy asks the agent by external processing.
 */
export function agentSettings(
  componentName: string,
  args: AgentArgs = {},
  externalProcessing = false,
): AgentSettings {
  const autoscaling = args.autoscaling && autoscalingSettings(args.autoscaling);
  return {
    name: args.name ?? defaultAgentName(componentName, externalProcessing),
    image: imageWithDefaults(args.image),
    port: args.port ?? defaultPort,
    replicas: autoscaling?.minReplicas ?? args.replicas ?? defaultReplicas,
    autoscaling,
    expectResponseData: args.expectResponseData ?? defaultExpectResponseData,
    externalProcessing,
    options: args.options ?? {},
    extraOptions: args.extraOptions ?? {},
    env: args.env ?? [],
    resources: args.resources ?? defaultResources,
    temporaryVolume: {
      mountPath: args.temporaryVolume?.mountPath ?? defaultMountPath,
      sizeLimit: args.temporaryVolume?.sizeLimit ?? defaultSizeLimit,
    },
    startupProbe: startupProbeSettings(args.startupProbe),
    shutdown: shutdownSettings(args.shutdown),
    networkPolicy: networkPolicySettings(args.networkPolicy),
    serviceAccountName: args.serviceAccountName,
    imagePullSecrets: args.imagePullSecrets ?? [],
    priorityClassName: args.priorityClassName,
    nodeSelector: args.nodeSelector ?? {},
    tolerations: args.tolerations ?? [],
    affinity: args.affinity,
    podSecurityContext: args.podSecurityContext ?? defaultPodSecurityContext,
    podLabels: args.podLabels ?? {},
    podAnnotations: args.podAnnotations ?? {},
  };
}

function startupProbeSettings(given: StartupProbeArgs = {}): Required<StartupProbeArgs> {
  return {
    enabled: given.enabled ?? defaultStartupProbe.enabled,
    port: given.port ?? defaultStartupProbe.port,
    periodSeconds: given.periodSeconds ?? defaultStartupProbe.periodSeconds,
    failureThreshold: given.failureThreshold ?? defaultStartupProbe.failureThreshold,
  };
}

function shutdownSettings(given: ShutdownArgs = {}): Required<ShutdownArgs> {
  const preStopSleepSeconds = given.preStopSleepSeconds ?? defaultPreStopSleepSeconds;
  return {
    preStopSleepSeconds,
    terminationGracePeriodSeconds: given.terminationGracePeriodSeconds ?? preStopSleepSeconds + stopSeconds,
  };
}

function networkPolicySettings(given?: NetworkPolicyArgs): NetworkPolicySettings | undefined {
  return given && { fromNamespaces: given.fromNamespaces, toCidrs: given.toCidrs ?? [...defaultToCidrs] };
}
