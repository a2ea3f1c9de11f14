import type * as pulumi from "@pulumi/pulumi";

/** What preflight looks at; a check that is known to be wrong for a cluster can be left out by name. */
export enum PreflightCheck {
  /** Istio knows the agent's host, once and under this name. */
  ServiceHost = "ServiceHost",
  /** The proxies of the targets are told about the agent's Service. */
  ServiceVisibility = "ServiceVisibility",
  /** Proxies speak plain text to the agent, which has no proxy of its own. */
  MutualTls = "MutualTls",
  /** Nothing limits how many checks a proxy has under way, or takes agents out of use. */
  TrafficPolicy = "TrafficPolicy",
  /** The entry of `extensionProviders` that Istio uses is the one of this component. */
  Provider = "Provider",
  /** No other policy names another external authorizer for the same workloads. */
  SecondProvider = "SecondProvider",
  /** Every revision that serves a target has the provider. */
  Revision = "Revision",
  /** Access logs of others are neither lost nor switched on. */
  AccessLogs = "AccessLogs",
  /** Ports that carry no HTTP. */
  TcpPorts = "TcpPorts",
  /** Ports that carry gRPC, whose streams would hang. */
  GrpcPorts = "GrpcPorts",
  /** Each target selects something. */
  Workloads = "Workloads",
  /** The selected pods have a proxy, and with Sidecar placement an agent. */
  Injection = "Injection",
  /** What is to be observed is not blocked: Istio knows how, and no other authorizer would be switched off. */
  Observing = "Observing",
  /** The API server serves the policies of admission that add the agent to pods, or ask for it. */
  Admission = "Admission",
  /** The Secret that is said to exist does exist. */
  ExistingSecret = "ExistingSecret",
  /** The user of this run may write what the update writes. */
  Permissions = "Permissions",
}

/**
 * How the cluster is looked at before anything is created, in every preview and update. Preflight only reads.
 *
 * What would make Istio or Kubernetes refuse requests, pods or a part of the update stops the run; what would leave
 * requests uninspected is a warning.
 */
export interface PreflightArgs {
  /**
   * Whether preflight looks. By itself it does so only where it cannot look at a wrong cluster: in a run of the Pulumi
   * engine, without an explicit Kubernetes provider, with the kubeconfig that the default provider uses too, and
   * only after a mesh ConfigMap that Pulumi has read is found there with the same uid. `true` looks with that
   * kubeconfig also where the uid cannot be compared; another uid is refused always.
   *
   * @default only where the cluster is known to be the one that Pulumi deploys to
   */
  enabled?: boolean;

  /**
   * The kubeconfig to read with: its contents or the path of the file. Needed where an explicit Kubernetes provider is
   * in use. It is treated as a secret.
   *
   * @default what the default provider uses: `kubernetes:kubeconfig`, KUBECONFIG, `~/.kube/config`
   */
  kubeconfig?: pulumi.Input<string>;

  /**
   * Context of the kubeconfig.
   *
   * @default `kubernetes:context`, then the current context
   */
  context?: string;

  /**
   * Seconds after which preflight goes on with what it has read, and says so.
   *
   * @default 10
   */
  timeoutSeconds?: number;

  /**
   * Checks that are left out; what only they need is not read either.
   *
   * @default none
   */
  ignore?: PreflightCheck[];
}
