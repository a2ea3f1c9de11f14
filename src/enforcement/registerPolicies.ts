import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { IntegrationSettings } from "../settings/integration";
import { authorizationPolicySpec, neutralPolicySpec, policyWorkloads } from "./authorizationPolicy";
import type { HeldBackTargets } from "./heldBack";
import { whenHeldBack } from "./heldBackObject";
import { whenKnown } from "../pulumi/inputs";
import { telemetrySpec } from "./telemetry";

/** The policies and telemetries, registered. */
export interface RegisteredPolicies {
  /** One AuthorizationPolicy for each target. */
  policies: k8s.apiextensions.CustomResource[];
  /** One Telemetry for each target; none without response data. */
  telemetries: k8s.apiextensions.CustomResource[];
}

/**
 * Registers what makes Envoy ask the agent for each target. In teardown the policies stay, without effect, until
 * the stack is destroyed, and there is no Telemetry.
 *
 * @param keptLogs - Access logs of others that the targets keep.
 * @param heldBack - Targets that are not inspected yet: theirs are there without effect.
 * @param dependsOn - What must be there before.
 */
export function registerPolicies(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  keptLogs: pulumi.Input<readonly string[]>,
  heldBack: pulumi.Input<HeldBackTargets>,
  dependsOn: pulumi.Output<pulumi.Resource[]>,
): RegisteredPolicies {
  const { name, targets, mesh, agent, teardown } = settings;
  const options = { parent: component, dependsOn };
  const policies = targets.map(
    (target) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${target.name}-policy`,
        {
          apiVersion: "security.istio.io/v1",
          kind: "AuthorizationPolicy",
          ...whenHeldBack(settings, target, heldBack, (isHeld) =>
            teardown || isHeld
              ? neutralPolicySpec(target)
              : authorizationPolicySpec(target, mesh.providerNames.extAuthz),
          ),
        },
        options,
      ),
  );
  const logged = agent.expectResponseData && !teardown ? targets : [];
  const telemetries = logged.map(
    (target) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${target.name}-telemetry`,
        {
          apiVersion: "telemetry.istio.io/v1",
          kind: "Telemetry",
          ...whenHeldBack(settings, target, heldBack, (isHeld) =>
            isHeld
              ? policyWorkloads(target)
              : whenKnown(keptLogs, (kept) => telemetrySpec(target, mesh.providerNames.accessLog, kept)),
          ),
        },
        options,
      ),
  );
  return { policies, telemetries };
}
