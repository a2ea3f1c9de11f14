import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Enforcement } from "../args/integration";
import { stackName } from "../pulumi/stackName";
import type { Reader } from "../kubernetes/beforeRead";
import { isInjected } from "./admission/admitted";
import { addedAgent, refuseSecrets, registerAdmission } from "./admission/registerAdmission";
import type { AdmissionContext } from "./admission/registerAdmission";
import type { AddedAgent } from "./admission/policySpecs";
import { sidecarServiceEntry } from "./serviceEntry";
import type { TargetArgs } from "../args/targets";
import type { IntegrationSettings } from "../settings/integration";
import { agentEndpoint } from "../settings/agentEndpoint";
import { agentMetadata } from "../agent/metadata";
import type { PlannedAgent } from "../agent/planAgent";
import { planSecret } from "../agent/planSecret";
import type { PlannedSecret } from "../agent/planSecret";
import { planWorkloadPatch } from "./workloadPatch";
import type { PlannedWorkloadPatch } from "./workloadPatch";

/**
 * Plans the agent in Sidecar placement: a Secret in each namespace of a target, the patches of the workloads that
 * targets name, the policies by which the API server adds it to other pods or asks for it, and the ServiceEntry by which
 * the mesh knows the agent.
 */
export function planSidecars(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  id: pulumi.Output<string>,
  reader: Reader,
): PlannedAgent {
  const secret = planSecret(settings, id);
  const owner = `${stackName()}/${settings.name}`;
  const context = { component, settings, owner, id, reader, secret: secret.reference };
  const patches = settings.targets.flatMap((target) =>
    target.workload === undefined ? [] : [planWorkloadPatch(context, target, target.workload)],
  );
  const added = addedAgent(context);
  const isAdded = settings.targets.some((target) => isInjected(settings, target));
  const decided = [...patches.map(({ plan }) => plan), ...(isAdded ? [refuseSecrets(context, added)] : [])];
  return {
    plan: pulumi.all(decided),
    secretName: pulumi.output(secret.reference.name),
    register: (checked) => registerSidecars(context, { secret, patches, added }, checked),
  };
}

function registerSidecars(
  context: AdmissionContext,
  planned: { secret: PlannedSecret; patches: PlannedWorkloadPatch[]; added: pulumi.Output<AddedAgent> },
  checked: pulumi.Output<pulumi.Resource[]>,
): pulumi.Input<pulumi.Resource>[] {
  const { component, settings } = context;
  const options = (...dependsOn: pulumi.Input<pulumi.Resource>[]): pulumi.CustomResourceOptions => ({
    parent: component,
    dependsOn: checked.apply(() => pulumi.all(dependsOn)),
  });
  const secrets = registerSecrets(settings, planned.secret, options());
  const patches = planned.patches.map((patch) => patch.register(options(...secrets)));
  const entries =
    settings.enforcement === Enforcement.AuthorizationPolicy ? [registerEntry(settings, options())] : [];
  const policies = registerAdmission(context, planned.added, (...before) =>
    options(...secrets, ...patches, ...before),
  );
  return [...secrets, ...patches, ...policies, ...entries];
}

/** One Secret for each namespace; a namespace that is known only later brings its own. */
function registerSecrets(
  { name, targets }: IntegrationSettings,
  secret: PlannedSecret,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const namespaces = new Set(targets.map(({ namespace }) => namespace).filter(isText));
  return [...namespaces].flatMap((namespace) =>
    secret.register(`${name}-secret-${namespace}`, namespace, options),
  );
}

function registerEntry(
  settings: IntegrationSettings,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const { name, agent, mesh, targets } = settings;
  const endpoint = agentEndpoint({ ...settings, clusterDomain: mesh.clusterDomain }, "");
  return new k8s.apiextensions.CustomResource(
    `${name}-service-entry`,
    {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      // In Istio's own namespace it also reaches proxies whose Sidecar resource narrows what they see in the usual way.
      metadata: agentMetadata(agent, { ...settings, namespace: mesh.istioNamespace }),
      spec: sidecarServiceEntry(endpoint, exportNamespaces(targets, mesh.istioNamespace)),
    },
    options,
  );
}

/** A target in the root namespace selects proxies of every namespace. */
function exportNamespaces(
  targets: readonly TargetArgs[],
  rootNamespace: pulumi.Input<string>,
): pulumi.Output<string[]> {
  return pulumi
    .all([rootNamespace, pulumi.all(targets.map(({ namespace }) => namespace))])
    .apply(([root, namespaces]) =>
      namespaces.includes(root) ? ["*"] : [...new Set(namespaces)].sort((a, b) => (a < b ? -1 : 1)),
    );
}

function isText(value: pulumi.Input<string>): value is string {
  return typeof value === "string";
}
