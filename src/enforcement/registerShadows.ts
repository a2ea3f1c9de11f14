import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { TargetArgs } from "../args/targets";
import { whenKnown } from "../pulumi/inputs";
import { shadowedTargets } from "../settings/inspection";
import type { IntegrationSettings } from "../settings/integration";
import { policyWorkloads } from "./authorizationPolicy";
import { shadowSpec } from "./envoyFilter/shadowSpec";
import { enforcementMetadata } from "./metadata";
import { proxiesKey } from "./proxiesKey";

/**
 * Registers, for each observed target of AuthorizationPolicy enforcement, the EnvoyFilter that keeps its policy from blocking.
 * Policies wait for it, and the engine deletes what waits first: no policy is there without it. None in teardown.
 *
 * @param dependsOn - What must be there before.
 */
export function registerShadows(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  dependsOn: pulumi.Output<pulumi.Resource[]>,
): k8s.apiextensions.CustomResource[] {
  const { name } = settings;
  return shadowedTargets(settings).map((target) => {
    const metadata = enforcementMetadata(settings, target);
    const { namespace, matchLabels } = target;
    return new k8s.apiextensions.CustomResource(
      `${name}-${target.name}-observe`,
      {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "EnvoyFilter",
        metadata: {
          ...metadata,
          name: whenKnown({ namespace, matchLabels }, (known) =>
            shadowName(settings.name, { ...target, ...known }),
          ),
        },
        spec: whenKnown(matchLabels, (labels) =>
          shadowSpec({ labels, targetRefs: policyWorkloads(target).targetRefs }),
        ),
      },
      { parent: component, dependsOn },
    );
  });
}

/**
 * Name of the EnvoyFilter of a target. Other proxies make another name: the engine then creates the new object before the
 * policy moves, and deletes the old one after.
 */
export function shadowName(component: string, target: TargetArgs): string {
  const proxies = createHash("sha256")
    .update(proxiesKey(target) ?? "")
    .digest("hex")
    .slice(0, 8);
  return `${component}-${target.name}-observe-${proxies}`;
}
