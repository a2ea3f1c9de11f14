import type * as pulumi from "@pulumi/pulumi";
import type { CredentialsArgs } from "../args/credentials";
import { agentSettings } from "./agent";
import { sidecarAgentSettings, sidecarPlacementSettings } from "./sidecar";
import type { SidecarPlacementSettings } from "./sidecar";
import type { AgentSettings } from "./agent";
import { Enforcement, Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { envoyFilterSettings } from "./envoyFilter";
import type { EnvoyFilterSettings } from "./envoyFilter";
import type { ExternalProcessingArgs } from "../args/externalProcessing";
import { inspectionSettings } from "./inspection";
import type { InspectionSettings } from "./inspection";
import type { TargetArgs } from "../args/targets";
import { meshSettings } from "./mesh";
import type { MeshSettings } from "./mesh";
import { observabilitySettings } from "./observability";
import type { ObservabilitySettings } from "./observability";
import type { PreflightArgs } from "../args/preflight";

/** The component's arguments with every default filled in. */
export interface IntegrationSettings {
  /** Logical name of the component. */
  name: string;
  /** Namespace of the agent. */
  namespace: pulumi.Input<string>;
  /** Whether the namespace is created. */
  createNamespace: boolean;
  /** The credentials as given. */
  credentials: CredentialsArgs;
  /** Where the agent runs. */
  placement: Placement;
  /** How the agent's container joins a pod, with Sidecar placement. */
  sidecar: SidecarPlacementSettings;
  /** The agent. */
  agent: AgentSettings;
  /** How a request is checked. */
  inspection: InspectionSettings;
  /** How Envoy is told. */
  enforcement: Enforcement;
  /** How the EnvoyFilters are made. */
  envoyFilter: EnvoyFilterSettings;
  /** What is sent by external processing and may be changed by it, as given: a default follows from the agent's options. */
  externalProcessing: ExternalProcessingArgs;
  /** How the mesh configuration is edited. */
  mesh: MeshSettings;
  /** What is protected. */
  targets: TargetArgs[];
  /** Labels of every object. */
  labels: Record<string, pulumi.Input<string>>;
  /** Annotations of every object. */
  annotations: Record<string, pulumi.Input<string>>;
  /** Alerts, dashboard and metrics. */
  observability: ObservabilitySettings;
  /** Whether everything is taken out of the mesh. */
  teardown: boolean;
  /** How the cluster is looked at before. */
  preflight: PreflightArgs;
}

/** Namespace of the agent unless another is given. */
export const defaultNamespace = "sigsci";

/** Fills in every default. Nothing is checked here; see `argumentProblems`. */
export function integrationSettings(name: string, args: SigsciIstioIntegrationArgs): IntegrationSettings {
  const placement = args.placement ?? Placement.Service;
  const observability = observabilitySettings(args.observability);
  const metrics = observability.agentMetrics;
  const enforcement = args.enforcement ?? Enforcement.AuthorizationPolicy;
  const externalProcessing = enforcement === Enforcement.ExternalProcessing;
  const sidecar = sidecarPlacementSettings(args.sidecar);
  return {
    name,
    namespace: args.namespace ?? defaultNamespace,
    createNamespace: args.createNamespace ?? true,
    credentials: args.credentials,
    placement,
    sidecar,
    agent:
      placement === Placement.Sidecar
        ? sidecarAgentSettings(args.agent, { form: sidecar.form, externalProcessing, componentName: name })
        : { ...agentSettings(name, args.agent, externalProcessing), ...(metrics && { metrics }) },
    inspection: inspectionSettings(args.inspection),
    enforcement,
    envoyFilter: envoyFilterSettings(args.envoyFilter),
    externalProcessing: args.externalProcessing ?? {},
    mesh: meshSettings(name, args.mesh),
    targets: args.targets,
    labels: args.labels ?? {},
    annotations: args.annotations ?? {},
    observability,
    teardown: args.teardown ?? false,
    preflight: args.preflight ?? {},
  };
}
