import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Placement } from "../args/integration";
import type { IntegrationSettings } from "../settings/integration";
import type { SecretReference } from "../settings/secretReference";
import { keepsState } from "../settings/agentState";
import { agentAutoscaler } from "./autoscaler";
import { agentDaemonSet, agentDeployment } from "./workload";
import type { ObjectContext } from "./metadata";
import { agentNamespace, agentNetworkPolicy, agentPodDisruptionBudget, agentServiceAccount } from "./objects";
import { agentPodMonitor, exporterMapping } from "./metricsExporter";
import { planSecret } from "./planSecret";
import type { PlannedSecret } from "./planSecret";
import { agentService } from "./service";

/** The agent: decided, nothing registered yet. */
export interface PlannedAgent {
  /** The decisions that read the cluster; rejects when one of them is a refusal. */
  plan: pulumi.Output<unknown>;
  /** Name of the Secret that holds the keys. */
  secretName: pulumi.Output<string>;
  /**
   * Registers the agent.
   *
   * @param checked - Is there when every check has passed; nothing is created before.
   * @returns what must be there before the mesh learns of the agent.
   */
  register: (checked: pulumi.Output<pulumi.Resource[]>) => pulumi.Input<pulumi.Resource>[];
}

/**
 * Plans the agent that runs in pods of its own, in Service or NodeLocal placement: namespace, Secret, Service,
 * ServiceAccount, Deployment or DaemonSet and what goes with them.
 */
export function planAgent(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  id: pulumi.Output<string>,
): PlannedAgent {
  const secret = planSecret(settings, id);
  return {
    plan: pulumi.output(true),
    secretName: pulumi.output(secret.reference.name),
    register: (checked) => registerAgent(component, settings, secret, checked),
  };
}

function registerAgent(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  secret: PlannedSecret,
  checked: pulumi.Output<pulumi.Resource[]>,
): pulumi.Resource[] {
  const { name, agent } = settings;
  const context: ObjectContext = settings;
  const namespace = settings.createNamespace
    ? [
        new k8s.core.v1.Namespace(`${name}-namespace`, agentNamespace(context), {
          parent: component,
          dependsOn: checked,
        }),
      ]
    : [];
  const options: OptionsAfter = (...dependsOn) => ({
    parent: component,
    dependsOn: checked.apply(() => [...namespace, ...dependsOn]),
  });
  const secrets = secret.register(`${name}-secret`, settings.namespace, options());
  const account = agentServiceAccount(agent, context);
  const accounts = account && [new k8s.core.v1.ServiceAccount(`${name}-service-account`, account, options())];
  const networkPolicy = agentNetworkPolicy(agent, context);
  const policies = networkPolicy && [
    new k8s.networking.v1.NetworkPolicy(`${name}-network-policy`, networkPolicy, options()),
  ];
  const mappings = registerMetrics(settings, options);
  const before = [...secrets, ...(accounts ?? []), ...(policies ?? []), ...mappings];
  const registerPods = settings.placement === Placement.NodeLocal ? registerDaemonSet : registerDeployment;
  return registerPods(settings, secret.reference, before, options);
}

/** What the exporter needs, and what makes Prometheus scrape it. */
function registerMetrics(settings: IntegrationSettings, options: OptionsAfter): pulumi.Resource[] {
  const { name, agent } = settings;
  const { metrics } = agent;
  if (metrics === undefined) {
    return [];
  }
  if (metrics.podMonitor.create) {
    const monitor = agentPodMonitor(agent, settings, metrics);
    new k8s.apiextensions.CustomResource(`${name}-pod-monitor`, monitor, options());
  }
  return [new k8s.core.v1.ConfigMap(`${name}-statsd-mapping`, exporterMapping(agent, settings), options())];
}

type OptionsAfter = (...dependsOn: pulumi.Resource[]) => pulumi.CustomResourceOptions;

function registerDeployment(
  settings: IntegrationSettings,
  secret: SecretReference,
  before: pulumi.Resource[],
  options: OptionsAfter,
): pulumi.Resource[] {
  const { name, agent } = settings;
  const service = new k8s.core.v1.Service(`${name}-service`, agentService(agent, settings), options());
  const autoscaler = agentAutoscaler(agent, settings);
  const deployment = new k8s.apps.v1.Deployment(
    `${name}-deployment`,
    agentDeployment(agent, secret, autoscaler === undefined ? takingReplicasBack(settings) : settings),
    // The provider then leaves the number as it is in the cluster: a field that it ceased to send would become 1.
    { ...options(service, ...before), ...(autoscaler && { ignoreChanges: ["spec.replicas"] }) },
  );
  if (autoscaler !== undefined) {
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(`${name}-autoscaler`, autoscaler, options(deployment));
  }
  const budget = agentPodDisruptionBudget(agent, settings);
  if (budget !== undefined) {
    new k8s.policy.v1.PodDisruptionBudget(`${name}-pod-disruption-budget`, budget, options());
  }
  return [service, deployment];
}

/**
 * A number of the program's takes the place of what an autoscaler wrote, whose field it still is when the autoscaler has
 * gone. Where there can be no autoscaler, a field that somebody else has taken stays a conflict.
 */
function takingReplicasBack(settings: IntegrationSettings): ObjectContext {
  return keepsState(settings)
    ? settings
    : { ...settings, annotations: { ...settings.annotations, "pulumi.com/patchForce": "true" } };
}

/** The Service comes last: one that exists for another placement keeps serving the whole cluster until every node has an agent. */
function registerDaemonSet(
  settings: IntegrationSettings,
  secret: SecretReference,
  before: pulumi.Resource[],
  options: OptionsAfter,
): pulumi.Resource[] {
  const { name, agent } = settings;
  const daemonSet = new k8s.apps.v1.DaemonSet(
    `${name}-daemon-set`,
    agentDaemonSet(agent, secret, settings),
    options(...before),
  );
  const service = new k8s.core.v1.Service(
    `${name}-service`,
    agentService(agent, settings, "node"),
    options(daemonSet),
  );
  return [daemonSet, service];
}
