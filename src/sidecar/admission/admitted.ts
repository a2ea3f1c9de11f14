import { SidecarInjection } from "../../args/sidecar";
import type { TargetArgs } from "../../args/targets";
import type { IntegrationSettings } from "../../settings/integration";

/** API group of the policies. */
export const admissionGroup = "admissionregistration.k8s.io";

/** Plural names of what the policies and their bindings. */
export const admissionResources = {
  injection: ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"],
  guard: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
} as const;

/** Whether the API server adds the agent to the pods of a target. */
export function isInjected({ sidecar }: Pick<IntegrationSettings, "sidecar">, target: TargetArgs): boolean {
  return sidecar.injection === SidecarInjection.Admission && target.workload === undefined;
}

/** Whether the API server looks at the new pods of a target for what keeps the agent out, or for the agent. */
export function isGuarded(settings: Pick<IntegrationSettings, "sidecar">, target: TargetArgs): boolean {
  return settings.sidecar.requireAgent || isInjected(settings, target);
}
