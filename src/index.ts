export { SigsciIstioIntegration } from "./sigsciIstioIntegration";
export { Enforcement, Placement } from "./args";
export type { SigsciIstioIntegrationArgs } from "./args";
export type {
  AgentArgs,
  NetworkPolicyArgs,
  ShutdownArgs,
  StartupProbeArgs,
  TemporaryVolumeArgs,
} from "./agent/args";
export type { CredentialsArgs, ExistingSecretArgs } from "./agent/credentialsArgs";
export { ImagePullPolicy } from "./agent/imageArgs";
export type { AgentImageArgs } from "./agent/imageArgs";
export type { AgentOptionsArgs } from "./agent/optionsArgs";
export { SidecarForm } from "./agent/sidecar/args";
export type { SidecarAgentArgs } from "./agent/sidecar/args";
export { SidecarRefusal } from "./agent/sidecar/refusal";
export { sigsciAgentTransform } from "./agent/sidecar/sigsciAgentTransform";
export type { SigsciAgentTransformArgs } from "./agent/sidecar/sigsciAgentTransform";
export { withSigsciAgent } from "./agent/sidecar/withSigsciAgent";
export type { SidecarPlacementArgs } from "./agent/sidecarPlacementArgs";
export { AccessLogTransport, FilterPosition, GrpcInspection } from "./enforcement/envoyFilter/args";
export type { CircuitBreakersArgs, EnvoyFilterArgs } from "./enforcement/envoyFilter/args";
export type { BodyInspectionArgs, InspectionArgs } from "./enforcement/inspectionArgs";
export { TargetKind, TargetRefKind, WorkloadKind } from "./enforcement/targetArgs";
export type {
  HeaderConditionArgs,
  InspectionRuleArgs,
  TargetArgs,
  TargetRefArgs,
  WorkloadArgs,
} from "./enforcement/targetArgs";
export type { TargetSummary } from "./enforcement/targetSummary";
export { extensionProviderDefinitions } from "./extensionProviderDefinitions";
export type { ExtensionProviderDefinitionsArgs } from "./extensionProviderDefinitions";
export { MeshConfigStrategy } from "./mesh/args";
export type { MeshArgs, ProviderNamesArgs } from "./mesh/args";
export type { ExtensionProviderDefinitions, MeshHelmValues } from "./mesh/definitions";
export type {
  EnvoyExtAuthzGrpc,
  EnvoyHttpAls,
  ExtensionProvider,
  RequestBodyInCheck,
} from "./mesh/extensionProvider";
export { PreflightCheck } from "./preflight/args";
export type { PreflightArgs } from "./preflight/args";
