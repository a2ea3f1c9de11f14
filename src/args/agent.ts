import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalingArgs } from "./autoscaling";
import type { AgentImageArgs } from "./image";
import type { AgentOptionsArgs } from "./agentOptions";

/** The agent's container, pod and Deployment. */
export interface AgentArgs {
  /**
   * Name of the agent's Deployment, Service and ServiceAccount.
   *
   * @default "<component name>-agent", and "<component name>-ext-proc-agent" with enforcement ExternalProcessing
   */
  name?: string;

  /** Container image. A pinned version unless told otherwise. */
  image?: AgentImageArgs;

  /**
   * TCP port of the agent's Envoy gRPC listener, 1024 or higher. The Service always listens on 9999.
   *
   * @default 9999
   */
  port?: number;

  /**
   * Number of agent pods. More than 1, and `autoscaling`, are refused while the agent waits for response data that comes
   * apart from the check (`expectResponseData`): Istio spreads checks over all pods but sends the access log of a proxy
   * to one, so most responses would reach a pod that never saw the request. Fastly:
   * [Agent scaling and running as a service](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-agent-scaling).
   * With 1, nobody answers while a drained node's pod is replaced; with more, a PodDisruptionBudget lets drains take one
   * pod at a time.
   *
   * @default 1
   */
  replicas?: number;

  /**
   * Lets an autoscaler set the number of agent pods, in place of `replicas` and where more than 1 of them is allowed. A
   * new Deployment starts with `minReplicas`; after that the number is the autoscaler's, and no update changes it.
   *
   * @default none: `replicas`
   */
  autoscaling?: AutoscalingArgs;

  /**
   * Whether the agent waits for response data from Envoy's access log. When false no access-log provider and
   * no Telemetry is created, and detections that need the response (status, size, time) do not work.
   *
   * @default true
   */
  expectResponseData?: boolean;

  /** Documented agent options as typed fields. */
  options?: AgentOptionsArgs;

  /**
   * Any other agent option by its documented dashed name, for example `{"max-procs": "2"}`, which becomes
   * `SIGSCI_MAX_PROCS`. An option that is also set elsewhere is an error; a name that resembles a documented one
   * is a warning.
   *
   * @default none
   */
  extraOptions?: Record<string, pulumi.Input<string>>;

  /**
   * Raw environment variables, for values that come from a Secret, a ConfigMap or a pod field. They stand before
   * the options, so that an option may refer to one as `$(NAME)`.
   *
   * @default none
   */
  env?: pulumi.Input<k8s.types.input.core.v1.EnvVar>[];

  /**
   * Compute resources; they replace the default as a whole. `SIGSCI_MAX_PROCS` follows the CPU limit (rounded up
   * to a whole CPU) unless it is set.
   *
   * @default requests 1 CPU and 512Mi, limits 1 CPU and 1Gi; in an application's pod (Sidecar) requests 200m and 512Mi
   */
  resources?: pulumi.Input<k8s.types.input.core.v1.ResourceRequirements>;

  /** The writable volume for temporary files. */
  temporaryVolume?: TemporaryVolumeArgs;

  /** Startup probe: no traffic before the rules are loaded. */
  startupProbe?: StartupProbeArgs;

  /** How the pod leaves: preStop sleep and grace period. */
  shutdown?: ShutdownArgs;

  /**
   * NetworkPolicy for the agent's pods: ingress to the gRPC port only, egress to DNS and TCP 443 only.
   *
   * @default none
   */
  networkPolicy?: NetworkPolicyArgs;

  /**
   * An existing ServiceAccount for the pods. No token is mounted in any case.
   *
   * @default a ServiceAccount of our own, named like the Deployment
   */
  serviceAccountName?: pulumi.Input<string>;

  /**
   * Names of image pull Secrets in the agent's namespace.
   *
   * @default none
   */
  imagePullSecrets?: pulumi.Input<string>[];

  /**
   * PriorityClass of the pods.
   *
   * @default none
   */
  priorityClassName?: pulumi.Input<string>;

  /**
   * Node labels that the pods require.
   *
   * @default none
   */
  nodeSelector?: Record<string, pulumi.Input<string>>;

  /**
   * Taints that the pods tolerate.
   *
   * @default none
   */
  tolerations?: pulumi.Input<k8s.types.input.core.v1.Toleration>[];

  /**
   * Affinity of the pods.
   *
   * @default none; more than one replica is spread over nodes and zones where possible
   */
  affinity?: pulumi.Input<k8s.types.input.core.v1.Affinity>;

  /**
   * Replaces the pod's security context. The image's user has a name instead of a number, so Kubernetes needs
   * the number to see that it is not root; give your own when you build your own image. On OpenShift give `{}`:
   * it adds the numbers of the project itself. Elsewhere the namespace that the component creates refuses pods without
   * `runAsNonRoot` and a seccomp profile.
   *
   * @default runAsNonRoot, user 100, group 101, fsGroup 101, seccomp RuntimeDefault
   */
  podSecurityContext?: pulumi.Input<k8s.types.input.core.v1.PodSecurityContext>;

  /**
   * Extra labels of the pods. `app`, `app.kubernetes.io/*` and `sidecar.istio.io/inject` are refused.
   *
   * @default none
   */
  podLabels?: Record<string, pulumi.Input<string>>;

  /**
   * Extra annotations of the pods. A changed value rolls the pods.
   *
   * @default none
   */
  podAnnotations?: Record<string, pulumi.Input<string>>;
}

/**
 * The `emptyDir` that the agent writes to; its root file system is read-only.
 *
 * Fastly's guide: [Agent temporary volume](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#agent-temporary-volume).
 */
export interface TemporaryVolumeArgs {
  /**
   * Mount path. When it is moved, `rpc-address` and `shared-cache-dir` follow unless they are set.
   *
   * @default "/sigsci/tmp"
   */
  mountPath?: string;

  /**
   * Size limit, a Kubernetes quantity. A pod that writes more is evicted.
   *
   * @default "256Mi"
   */
  sizeLimit?: pulumi.Input<string>;
}

/**
 * HTTP startup probe on the agent's own listener; it answers 200 once the rules are loaded.
 *
 * Needs agent 4.51.0 or later. Fastly: [Configuring a startup probe](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-startup-probe).
 */
export interface StartupProbeArgs {
  /**
   * Whether there is a startup probe. Without one the agent serves before its rules are loaded.
   *
   * @default true
   */
  enabled?: boolean;

  /**
   * TCP port of the listener.
   *
   * @default 2024
   */
  port?: number;

  /**
   * Seconds between two attempts.
   *
   * @default 2
   */
  periodSeconds?: number;

  /**
   * Attempts before the container is restarted.
   *
   * @default 90
   */
  failureThreshold?: number;
}

/**
 * How a pod stops without losing requests that are under way.
 *
 * Fastly's guide: [preStop container hook](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#integrating-the-next-gen-waf-agent).
 */
export interface ShutdownArgs {
  /**
   * Seconds that the preStop hook sleeps while Envoy moves to other pods. 0 removes the hook.
   *
   * @default 30
   */
  preStopSleepSeconds?: number;

  /**
   * Seconds before Kubernetes kills the pod; must be more than `preStopSleepSeconds`.
   *
   * @default preStopSleepSeconds + 15
   */
  terminationGracePeriodSeconds?: number;
}

/** NetworkPolicy of the agent's pods. */
export interface NetworkPolicyArgs {
  /**
   * Namespaces whose pods may reach the agent, by name.
   *
   * @default every namespace
   */
  fromNamespaces?: pulumi.Input<string>[];

  /**
   * CIDR blocks that the agent may reach on TCP 443.
   *
   * @default ["0.0.0.0/0", "::/0"]
   */
  toCidrs?: string[];
}
