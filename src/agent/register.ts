import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { IntegrationSettings } from "../settings";
import {
  createdSecretReference,
  credentialsDigest,
  credentialsSecret,
  existingSecretReference,
  secretName,
} from "./credentials";
import type { CredentialInputs, SecretReference } from "./credentials";
import { agentDeployment } from "./deployment";
import type { ObjectContext } from "./metadata";
import { agentNamespace } from "./namespace";
import { agentNetworkPolicy } from "./networkPolicy";
import { agentPodDisruptionBudget } from "./podDisruptionBudget";
import { agentService } from "./service";
import { agentServiceAccount } from "./serviceAccount";

/** The agent, registered. */
export interface RegisteredAgent {
  /** Name of the Secret that holds the keys. */
  secretName: pulumi.Output<string>;
  /** What must be there before the mesh learns of the agent. */
  ready: pulumi.Resource[];
}

/**
 * Registers the agent in Service placement: namespace, Secret, Service, ServiceAccount, Deployment and what goes
 * with them.
 *
 * @param parent - The component.
 * @param settings - Its settings.
 * @param id - Its stable id.
 * @param checked - Is there when every check has passed; nothing is created before.
 */
export function registerAgent(
  parent: pulumi.ComponentResource,
  settings: IntegrationSettings,
  id: pulumi.Output<string>,
  checked: pulumi.Output<pulumi.Resource[]>,
): RegisteredAgent {
  const { name, agent } = settings;
  const context: ObjectContext = settings;
  const namespace = settings.createNamespace
    ? [
        new k8s.core.v1.Namespace(`${name}-namespace`, agentNamespace(context), {
          parent,
          dependsOn: checked,
        }),
      ]
    : [];
  const options = (...dependsOn: pulumi.Resource[]): pulumi.CustomResourceOptions => ({
    parent,
    dependsOn: checked.apply(() => [...namespace, ...dependsOn]),
  });
  const { reference, resources: secrets } = registerSecret(parent, settings, id, options());
  const service = new k8s.core.v1.Service(`${name}-service`, agentService(agent, context), options());
  const account = agentServiceAccount(agent, context);
  const accounts = account && [new k8s.core.v1.ServiceAccount(`${name}-service-account`, account, options())];
  const networkPolicy = agentNetworkPolicy(agent, context);
  const policies = networkPolicy && [
    new k8s.networking.v1.NetworkPolicy(`${name}-network-policy`, networkPolicy, options()),
  ];
  const deployment = new k8s.apps.v1.Deployment(
    `${name}-deployment`,
    agentDeployment(agent, reference, context),
    options(service, ...secrets, ...(accounts ?? []), ...(policies ?? [])),
  );
  const budget = agentPodDisruptionBudget(agent, context);
  if (budget !== undefined) {
    new k8s.policy.v1.PodDisruptionBudget(`${name}-pod-disruption-budget`, budget, options());
  }
  return { secretName: pulumi.output(reference.name), ready: [service, deployment] };
}

function registerSecret(
  parent: pulumi.ComponentResource,
  settings: IntegrationSettings,
  id: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): { reference: SecretReference; resources: pulumi.Resource[] } {
  const { credentials, agent, name } = settings;
  if (credentials.existingSecret !== undefined) {
    return { reference: existingSecretReference(credentials.existingSecret), resources: [] };
  }
  const salt = agent.options.anonymousIpSecretKey;
  const values: CredentialInputs = {
    accessKeyId: pulumi.secret(credentials.accessKeyId ?? ""),
    secretAccessKey: pulumi.secret(credentials.secretAccessKey ?? ""),
    ...(salt !== undefined && { anonymousIpSecretKey: pulumi.secret(salt) }),
  };
  // The digest is keyed with the component's id and tells nothing about the keys; hidden, it would hide the pods too.
  const digest = pulumi.unsecret(
    pulumi.all([values, id]).apply(([known, key]) => credentialsDigest(known, key)),
  );
  const secretNameOutput = pulumi
    .all([credentials.site ?? "", digest])
    .apply(([site, one]) => secretName(site, one));
  const secret = new k8s.core.v1.Secret(
    `${name}-secret`,
    credentialsSecret(agent, settings, secretNameOutput, values),
    { ...options, parent },
  );
  return { reference: createdSecretReference(secretNameOutput, salt !== undefined), resources: [secret] };
}
