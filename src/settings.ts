import type * as pulumi from "@pulumi/pulumi";
import type { CredentialsArgs } from "./agent/credentialsArgs";
import { agentSettings } from "./agent/settings";
import { SidecarForm } from "./agent/sidecar/args";
import { sidecarAgentSettings } from "./agent/sidecar/settings";
import type { SidecarSettings } from "./agent/sidecar/settings";
import type { AgentSettings } from "./agent/settings";
import { Enforcement, Placement } from "./args";
import type { SigsciIstioIntegrationArgs } from "./args";
import { envoyFilterSettings } from "./enforcement/envoyFilter/settings";
import type { EnvoyFilterSettings } from "./enforcement/envoyFilter/settings";
import { inspectionSettings } from "./enforcement/inspectionSettings";
import type { InspectionSettings } from "./enforcement/inspectionSettings";
import type { TargetArgs } from "./enforcement/targetArgs";
import { meshSettings } from "./mesh/settings";
import type { MeshSettings } from "./mesh/settings";
import type { PreflightArgs } from "./preflight/args";

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
  sidecar: Pick<SidecarSettings, "form" | "securityContext">;
  /** The agent. */
  agent: AgentSettings;
  /** How a request is checked. */
  inspection: InspectionSettings;
  /** How Envoy is told. */
  enforcement: Enforcement;
  /** How the EnvoyFilters are made. */
  envoyFilter: EnvoyFilterSettings;
  /** How the mesh configuration is edited. */
  mesh: MeshSettings;
  /** What is protected. */
  targets: TargetArgs[];
  /** Labels of every object. */
  labels: Record<string, pulumi.Input<string>>;
  /** Annotations of every object. */
  annotations: Record<string, pulumi.Input<string>>;
  /** Whether everything is taken out of the mesh. */
  teardown: boolean;
  /** How the cluster is looked at before. */
  preflight: PreflightArgs;
}

/** Namespace of the agent unless another is given. */
export const defaultNamespace = "sigsci";

/**
 * Fills in every default. Nothing is checked here; see `argumentProblems`.
 *
 * @param name - Logical name of the component.
 * @param args - The component's arguments.
 */
export function integrationSettings(name: string, args: SigsciIstioIntegrationArgs): IntegrationSettings {
  const placement = args.placement ?? Placement.Service;
  const form = args.sidecar?.form ?? SidecarForm.NativeSidecar;
  return {
    name,
    namespace: args.namespace ?? defaultNamespace,
    createNamespace: args.createNamespace ?? true,
    credentials: args.credentials,
    placement,
    sidecar: { ...args.sidecar, form },
    agent:
      placement === Placement.Sidecar
        ? sidecarAgentSettings(args.agent, form, name)
        : agentSettings(name, args.agent),
    inspection: inspectionSettings(args.inspection),
    enforcement: args.enforcement ?? Enforcement.AuthorizationPolicy,
    envoyFilter: envoyFilterSettings(args.envoyFilter),
    mesh: meshSettings(name, args.mesh),
    targets: args.targets,
    labels: args.labels ?? {},
    annotations: args.annotations ?? {},
    teardown: args.teardown ?? false,
    preflight: args.preflight ?? {},
  };
}
