import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AgentArgs } from "../args/agent";
import { existingSecretReference } from "./secretReference";
import type { SecretReference } from "./secretReference";
import { agentSettings } from "./agent";
import { defaultSidecarResources } from "./agentDefaults";
import type { AgentSettings } from "./agent";
import { AdmissionFailurePolicy, SidecarForm, SidecarInjection } from "../args/sidecar";
import type { ExcludedPodsArgs, SidecarAgentArgs, SidecarPlacementArgs } from "../args/sidecar";

/** The agent in an application's pod, with every default filled in. */
export interface SidecarSettings {
  /** What kind of container it is. */
  form: SidecarForm;
  /** The agent, as {@link sidecarAgentSettings} gives it. */
  agent: AgentSettings;
  /** Where the keys are, in the pod's namespace. */
  secret: SecretReference;
  /** Fields that take the place of ours in the container's security context. */
  securityContext?: pulumi.Input<k8s.types.input.core.v1.SecurityContext>;
}

/** How the agent's container joins the pods of the targets, with every default filled in. */
export interface SidecarPlacementSettings extends Pick<SidecarSettings, "form" | "securityContext"> {
  /** How it gets into pods of targets without `workload`. */
  injection: SidecarInjection;
  /** What becomes of a pod that cannot get it. */
  failurePolicy: AdmissionFailurePolicy;
  /** Pods that stay without it. */
  excludedPods: readonly ExcludedPodsArgs[];
  /** Whether pods without it are refused. */
  requireAgent: boolean;
  /** Percent of the pods that must carry it before a target is inspected. */
  enforceFromPercent: number;
}

/** Fills in every default. */
export function sidecarPlacementSettings(args: SidecarPlacementArgs = {}): SidecarPlacementSettings {
  return {
    form: args.form ?? SidecarForm.NativeSidecar,
    securityContext: args.securityContext,
    injection: args.injection ?? SidecarInjection.Template,
    failurePolicy: args.failurePolicy ?? AdmissionFailurePolicy.Fail,
    excludedPods: args.excludedPods ?? [],
    requireAgent: args.requireAgent ?? false,
    enforceFromPercent: args.enforceFromPercent ?? 0,
  };
}

/** Seconds a pod has to stop when it says nothing else. Source: Kubernetes, "Pod Lifecycle". */
export const defaultGracePeriodSeconds = 30;

/**
 * Seconds of preStop sleep in form Container: longer than the 5 seconds in which istio-proxy drains, and short enough
 * to leave the agent time to stop within the pod's 30.
 *
 * Source: Istio, `terminationDrainDuration`.
 */
export const defaultSidecarPreStopSeconds = 10;

const defaultName = "sigsci";

/** What the agent's settings in an application's pod depend on besides its arguments. */
export interface SidecarContext {
  /** What kind of container it is. */
  form?: SidecarForm;
  /** Whether Envoy asks it by external processing. */
  externalProcessing?: boolean;
  /** Logical name of the component. */
  componentName?: string;
}

/**
 * The agent's settings for a container in an application's pod: they differ in how much CPU is kept for it and in how it
 * stops. A native sidecar is stopped by the kubelet once the application has ended, so it needs no sleep.
 */
export function sidecarAgentSettings(
  args: AgentArgs = {},
  { form = SidecarForm.NativeSidecar, externalProcessing, componentName = defaultName }: SidecarContext = {},
): AgentSettings {
  const preStopSleepSeconds =
    form === SidecarForm.NativeSidecar
      ? 0
      : (args.shutdown?.preStopSleepSeconds ?? defaultSidecarPreStopSeconds);
  const sidecarArgs = {
    ...args,
    resources: args.resources ?? defaultSidecarResources,
    shutdown: { ...args.shutdown, preStopSleepSeconds },
  };
  return agentSettings(componentName, sidecarArgs, externalProcessing);
}

/** Fills in every default. Nothing is checked here; see `sidecarAgentProblems`. */
export function sidecarSettings(args: SidecarAgentArgs): SidecarSettings {
  const form = args.form ?? SidecarForm.NativeSidecar;
  return {
    form,
    agent: sidecarAgentSettings(args.agent, args),
    secret: existingSecretReference(args.secret),
    securityContext: args.securityContext,
  };
}
