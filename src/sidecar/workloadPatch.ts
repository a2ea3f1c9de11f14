import * as pulumi from "@pulumi/pulumi";
import { idOfMarks } from "../pulumi/engineRun";
import { WorkloadKind } from "../args/targets";
import type { TargetArgs, WorkloadArgs } from "../args/targets";
import { editedAnnotation, ownerAnnotation, ownerMark } from "../kubernetes/ownership";
import type { IntegrationSettings } from "../settings/integration";
import { beforeRead } from "../kubernetes/beforeRead";
import { outputsOfOthers } from "../kubernetes/foreignObject";
import { fieldManagerOf } from "../kubernetes/fieldManager";
import type { Reader } from "../kubernetes/beforeRead";
import { printable } from "../pulumi/printable";
import { onBehalfOf } from "../pulumi/refusal";
import { askedCluster } from "../enforcement/envoyFilter/agentAddress";
import { proxyStatsYaml } from "../observability/proxyStats";
import { agentEndpoint } from "../settings/agentEndpoint";
import { containerName } from "../agent/container";
import type { SecretReference } from "../settings/secretReference";
import { proxyConfigAnnotation } from "./proxyConfig";
import { planSidecarPatch } from "./patchPlan";
import { workloadResources } from "./workloads";

/** What the patch of a workload needs to know about its component. */
export interface WorkloadPatchContext {
  /** The component. */
  component: pulumi.ComponentResource;
  /** Its settings. */
  settings: IntegrationSettings;
  /** `<project>/<stack>/<component>`. */
  owner: string;
  /** Its stable id. */
  id: pulumi.Output<string>;
  /** How live objects are read. */
  reader: Reader;
  /** Where the keys are, in the workload's namespace. */
  secret: SecretReference;
}

/** The patch of one workload: decided, not written yet. */
export interface PlannedWorkloadPatch {
  /** The plan; rejects when the workload cannot take the agent. */
  plan: pulumi.Output<unknown>;
  /** Registers the patch. */
  register: (options: pulumi.CustomResourceOptions) => pulumi.Resource;
}

/**
 * Reads a workload and decides how the agent gets into it. The read happens in every preview and update, so a
 * workload that lost the agent is seen without `--refresh`.
 */
export function planWorkloadPatch(
  context: WorkloadPatchContext,
  target: TargetArgs,
  workload: WorkloadArgs,
): PlannedWorkloadPatch {
  const { component, settings, owner, id, reader, secret } = context;
  const { kind = WorkloadKind.Deployment, name } = workload;
  const resources = workloadResources[kind];
  const logicalName = `${settings.name}-${target.name}-workload`;
  const workloadId = pulumi.interpolate`${target.namespace}/${name}`;
  const asked = beforeRead(reader, resources.plural, workloadId);
  const live = resources.read(`${logicalName}-live`, asked, {
    parent: component,
    additionalSecretOutputs: outputsOfOthers,
  });
  const where = pulumi.all([target.namespace, target.matchLabels]).apply(([namespace, matchLabels]) => ({
    kind,
    namespace,
    name,
    matchLabels,
    ...proxyConfigOf(settings),
  }));
  const sidecar = { ...settings.sidecar, agent: settings.agent, secret };
  // The plan holds names of what is there, and nothing else of it.
  const plan = pulumi.unsecret(
    pulumi
      .all([live.metadata, live.spec, where, idOfMarks(id)])
      .apply(([metadata, spec, found, knownId]) =>
        onBehalfOf(component, () =>
          planSidecarPatch({ metadata, spec }, sidecar, found, { component: owner, id: knownId }),
        ),
      ),
  );
  const metadata = {
    namespace: target.namespace,
    name,
    annotations: {
      "pulumi.com/patchForce": "true",
      "pulumi.com/patchFieldManager": fieldManagerOf(component, id, `${target.name}-workload`),
      [ownerAnnotation(containerName)]: id.apply((known) => ownerMark({ component: owner, id: known })),
      [editedAnnotation(owner)]: plan.edited,
    },
  };
  const spec = plan.apply(({ podSpec, proxyConfig }) => ({
    template: {
      ...(proxyConfig !== undefined && {
        metadata: { annotations: { [proxyConfigAnnotation]: proxyConfig } },
      }),
      spec: podSpec,
    },
  }));
  plan.apply(({ warnings }) => {
    for (const warning of warnings) {
      void pulumi.log.warn(printable(warning), component);
    }
  });
  return {
    // The plan holds the name of a Secret that a first preview does not know; that it was made is known.
    plan: plan.apply(() => true),
    register: (options) =>
      resources.patch(
        logicalName,
        { metadata, spec },
        { ...options, additionalSecretOutputs: outputsOfOthers },
      ),
  };
}

/** What makes the proxies beside the agent expose their counters, where that is asked for. */
function proxyConfigOf(settings: IntegrationSettings): { proxyConfig?: string } {
  if (settings.observability.proxyStats === undefined) {
    return {};
  }
  const endpoint = agentEndpoint({ ...settings, clusterDomain: settings.mesh.clusterDomain }, "");
  return { proxyConfig: proxyStatsYaml(askedCluster(settings, endpoint), settings.enforcement) };
}
