export { SigsciIstioIntegration } from "./sigsciIstioIntegration";
export { Enforcement, Placement } from "./args/integration";
export type { SigsciIstioIntegrationArgs } from "./args/integration";
export type {
  AgentArgs,
  NetworkPolicyArgs,
  ShutdownArgs,
  StartupProbeArgs,
  TemporaryVolumeArgs,
} from "./args/agent";
export type { AutoscalingArgs } from "./args/autoscaling";
export type { CredentialsArgs, ExistingSecretArgs } from "./args/credentials";
export { ImagePullPolicy } from "./args/image";
export type { AgentImageArgs } from "./args/image";
export type { AgentOptionsArgs } from "./args/agentOptions";
export { AdmissionFailurePolicy, SidecarForm, SidecarInjection } from "./args/sidecar";
export type { ExcludedPodsArgs, SidecarAgentArgs } from "./args/sidecar";
export { SidecarRefusal } from "./sidecar/refusal";
export type { ArgumentProblem } from "./validation/problem";
export { sigsciAgentTransform } from "./sidecar/sigsciAgentTransform";
export type { SigsciAgentTransformArgs } from "./sidecar/sigsciAgentTransform";
export { withSigsciAgent } from "./sidecar/withSigsciAgent";
export type { SidecarPlacementArgs } from "./args/sidecar";
export { AccessLogTransport, FilterPosition, GrpcInspection } from "./args/envoyFilter";
export type { CircuitBreakersArgs, EnvoyFilterArgs } from "./args/envoyFilter";
export { InspectionMode } from "./args/inspection";
export { BodyMode } from "./args/externalProcessing";
export type { ExternalProcessingArgs } from "./args/externalProcessing";
export type { BodyInspectionArgs, InspectionArgs } from "./args/inspection";
export { TargetKind, TargetRefKind, WorkloadKind } from "./args/targets";
export type {
  HeaderConditionArgs,
  InspectionRuleArgs,
  TargetArgs,
  TargetRefArgs,
  WorkloadArgs,
} from "./args/targets";
export type { TargetCoverage } from "./enforcement/targetCoverage";
export { extensionProviderDefinitions } from "./extensionProviderDefinitions";
export type { ExtensionProviderDefinitionsArgs } from "./extensionProviderDefinitions";
export { MeshConfigStrategy } from "./args/mesh";
export type { MeshArgs, ProviderNamesArgs } from "./args/mesh";
export type { ExtensionProviderDefinitions, MeshHelmValues } from "./mesh/providerDefinitions";
export type {
  EnvoyExtAuthzGrpc,
  EnvoyHttpAls,
  ExtensionProvider,
  RequestBodyInCheck,
} from "./mesh/extensionProvider";
export type {
  AgentMetricsArgs,
  DashboardArgs,
  ObservabilityArgs,
  PodMonitorArgs,
  PrometheusRulesArgs,
  ProxyStatsArgs,
} from "./args/observability";
export { PreflightCheck } from "./args/preflight";
export type { PreflightArgs } from "./args/preflight";
