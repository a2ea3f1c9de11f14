import type * as pulumi from "@pulumi/pulumi";
import type { AgentArgs } from "./agent";
import type { CredentialsArgs } from "./credentials";
import type { SidecarPlacementArgs } from "./sidecar";
import type { EnvoyFilterArgs } from "./envoyFilter";
import type { ExternalProcessingArgs } from "./externalProcessing";
import type { InspectionArgs } from "./inspection";
import type { TargetArgs } from "./targets";
import type { MeshArgs } from "./mesh";
import type { ObservabilityArgs } from "./observability";
import type { PreflightArgs } from "./preflight";

/**
 * Where the agent runs.
 *
 * Fastly's guide: [Integrating the Next-Gen WAF agent](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#integrating-the-next-gen-waf-agent).
 */
export enum Placement {
  /** One Deployment and one Service for all targets; it scales apart from the applications. */
  Service = "Service",
  /**
   * One agent on each node (DaemonSet), behind a Service that stays on the node: an agent sees request and response
   * of its proxies, and there are as many agents as nodes.
   */
  NodeLocal = "NodeLocal",
  /**
   * One agent in each pod of a target, on 127.0.0.1. The component adds it to the workloads that targets name with
   * `workload`, or the API server to every new pod (`sidecar.injection`); programs that own a workload add it with
   * `withSigsciAgent` or `sigsciAgentTransform`.
   */
  Sidecar = "Sidecar",
}

/**
 * How Envoy is told to ask the agent.
 *
 * Fastly's guide: [Integrating the Next-Gen WAF agent using external authorization](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#integrating-the-next-gen-waf-agent-using-external-authorization).
 */
export enum Enforcement {
  /** An AuthorizationPolicy with action CUSTOM for each target, through the mesh's `extensionProviders`. */
  AuthorizationPolicy = "AuthorizationPolicy",
  /**
   * An EnvoyFilter for each target. The mesh configuration is not touched, and it can do what Istio's providers
   * cannot: roll out by percent, keep gRPC streams flowing, mark what passed uninspected.
   */
  EnvoyFilter = "EnvoyFilter",
  /**
   * An EnvoyFilter for each target with Envoy's external processing: one stream carries a request and its response to one
   * agent. No access log is needed and nothing of the mesh is touched, so several agents can share the work and still see
   * responses. Fastly documents it for Envoy Gateway; not for waypoints.
   */
  ExternalProcessing = "ExternalProcessing",
}

/** Whether Envoy is told by EnvoyFilters, so that the mesh configuration plays no part. */
export function usesEnvoyFilters(enforcement: Enforcement | undefined): boolean {
  return enforcement === Enforcement.EnvoyFilter || enforcement === Enforcement.ExternalProcessing;
}

/**
 * Arguments of `SigsciIstioIntegration`. Everything but `credentials` and `targets` has a default.
 */
export interface SigsciIstioIntegrationArgs {
  /** The workspace (site) that the agent reports to, and its keys. */
  credentials: CredentialsArgs;

  /**
   * What is protected. At least one target; names are unique within the component.
   * A target is the unit of naming: its AuthorizationPolicy and Telemetry carry its name.
   */
  targets: TargetArgs[];

  /**
   * Namespace of the agent.
   *
   * @default "sigsci"
   */
  namespace?: pulumi.Input<string>;

  /**
   * Whether this component creates `namespace`. Set it to false when the namespace exists already or when
   * another component of the same cluster creates it. The created namespace enforces the Pod Security
   * profile "restricted" and is excluded from sidecar injection. A namespace that is there in any case, such as
   * `default` or Istio's own, is refused.
   *
   * @default true
   */
  createNamespace?: boolean;

  /**
   * Where the agent runs.
   *
   * @default Placement.Service
   */
  placement?: Placement;

  /**
   * How Envoy is told to ask the agent.
   *
   * @default Enforcement.AuthorizationPolicy
   */
  enforcement?: Enforcement;

  /** How the agent's container joins a pod, with placement Sidecar. */
  sidecar?: SidecarPlacementArgs;

  /** The agent: image, options, size, scheduling, probes, shutdown. */
  agent?: AgentArgs;

  /** How a request is checked: timeout, fail open or closed, body, headers logged. */
  inspection?: InspectionArgs;

  /** How the EnvoyFilters are made, with enforcement EnvoyFilter or ExternalProcessing. */
  envoyFilter?: EnvoyFilterArgs;

  /** What is sent to the agent and what it may change, with enforcement ExternalProcessing. */
  externalProcessing?: ExternalProcessingArgs;

  /** How the mesh configuration is found and edited, with enforcement AuthorizationPolicy. */
  mesh?: MeshArgs;

  /**
   * Labels added to every object that this component creates. They never replace a label that the component
   * needs itself (`app`, `app.kubernetes.io/*`). With `istio.io/rev`, an istiod of another revision ignores the policies.
   *
   * @default none
   */
  labels?: Record<string, pulumi.Input<string>>;

  /**
   * Annotations added to every object that this component creates, except the mesh ConfigMap.
   *
   * @default none
   */
  annotations?: Record<string, pulumi.Input<string>>;

  /**
   * Alerts, a dashboard and metrics: what makes visible whether requests are inspected.
   *
   * @default none
   */
  observability?: ObservabilityArgs;

  /** How the cluster is looked at before anything is created. */
  preflight?: PreflightArgs;

  /**
   * Takes everything out of the mesh: one `pulumi up` with `true` first makes the policies ineffective and
   * then removes this component's entries from the mesh configuration. Afterwards `pulumi destroy` (or
   * removing the component from the program) leaves nothing behind. While it is true nothing is inspected.
   *
   * @default false
   */
  teardown?: boolean;
}
