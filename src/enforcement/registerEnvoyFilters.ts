import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { externalProcessingSettings } from "../settings/externalProcessing";
import { servicePort } from "../settings/agentEndpoint";
import { Placement } from "../args/integration";
import { observes } from "../settings/inspection";
import type { IntegrationSettings } from "../settings/integration";
import { policyWorkloads } from "./authorizationPolicy";
import { localAgent, referencedServices } from "./envoyFilter/agentAddress";
import type { AgentAddress } from "./envoyFilter/agentAddress";
import type { EnvoyFilterSpec, ProxyContext } from "./envoyFilter/envoyFilterTypes";
import { envoyFilterSpec } from "./envoyFilter/envoyFilterSpec";
import type { HeldBackTargets } from "./heldBack";
import { whenHeldBack } from "./heldBackObject";
import { conditionsOf, TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";

/** Which listeners of a target's proxies are filtered. */
export function proxyContext(target: TargetArgs): ProxyContext {
  return target.kind === TargetKind.Gateway ? "GATEWAY" : "SIDECAR_INBOUND";
}

/**
 * Registers an EnvoyFilter for each target; none in teardown.
 *
 * @param heldBack - Targets that are not inspected yet: their filters are there without patches.
 * @param dependsOn - What must be there before.
 */
export function registerEnvoyFilters(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  host: pulumi.Output<string>,
  heldBack: pulumi.Input<HeldBackTargets>,
  dependsOn: pulumi.Output<pulumi.Resource[]>,
): k8s.apiextensions.CustomResource[] {
  const { name, targets, teardown } = settings;
  if (teardown) {
    return [];
  }
  return targets.map((target) => {
    const agent = pulumi
      .all([host, settings.namespace])
      .apply(([known, namespace]) => ({ namespace, address: agentAddress(settings, known) }));
    const { customRequestHeaders } = settings.agent.options;
    const { metadata, spec } = whenHeldBack(settings, target, heldBack, (isHeld) =>
      pulumi
        .all([agent, target.matchLabels, customRequestHeaders])
        .apply(([{ address }, labels, customHeaders]) => {
          const whole = targetSpec(settings, target, { labels, address, customHeaders });
          return isHeld ? { ...whole, configPatches: [] } : whole;
        }),
    );
    return new k8s.apiextensions.CustomResource(
      `${name}-${target.name}-envoy-filter`,
      {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "EnvoyFilter",
        metadata:
          settings.placement === Placement.Sidecar
            ? metadata
            : pulumi.all([metadata, agent]).apply(([known, { namespace, address }]) => ({
                ...known,
                annotations: { ...known.annotations, ...referencedServices(address, namespace) },
              })),
        spec,
      },
      { parent: component, dependsOn },
    );
  });
}

function agentAddress({ placement, agent }: IntegrationSettings, host: string): AgentAddress {
  return placement === Placement.Sidecar
    ? localAgent(agent.port)
    : { place: "service", host, port: servicePort };
}

/** What of a target's filter is known only later. */
interface KnownLater {
  labels: Record<string, string> | undefined;
  address: AgentAddress;
  customHeaders: string | undefined;
}

function targetSpec(
  { inspection, envoyFilter, externalProcessing, agent }: IntegrationSettings,
  target: TargetArgs,
  { labels, address, customHeaders }: KnownLater,
): EnvoyFilterSpec {
  const { targetRefs } = policyWorkloads(target);
  return envoyFilterSpec({
    name: target.name,
    workloads: { labels, targetRefs },
    context: proxyContext(target),
    rules: target.rules ?? [conditionsOf(target)],
    grpcPorts: target.grpcPorts ?? [],
    agent: address,
    inspection,
    settings: envoyFilter,
    processing: agent.externalProcessing
      ? externalProcessingSettings(externalProcessing, customHeaders)
      : undefined,
    observed: observes(inspection, target),
    responseData: agent.expectResponseData,
  });
}
