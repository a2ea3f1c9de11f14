import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { IntegrationSettings } from "../settings/integration";
import { createdSecretReference, existingSecretReference } from "../settings/secretReference";
import { credentialsDigest, credentialsSecret, secretName } from "./credentials";
import type { CredentialInputs } from "./credentials";
import type { SecretReference } from "../settings/secretReference";

/** How the pods refer to the Secret with the keys, and how it gets there. */
export interface PlannedSecret {
  /** The reference, the same in every namespace. */
  reference: SecretReference;
  /**
   * Registers the Secret in a namespace.
   *
   * @returns the Secret; nothing when the program brings its own.
   */
  register: (
    logicalName: string,
    namespace: pulumi.Input<string>,
    options: pulumi.CustomResourceOptions,
  ) => pulumi.Resource[];
}

/** Decides which Secret holds the keys: one of ours, whose name follows its content, or an existing one. */
export function planSecret(settings: IntegrationSettings, id: pulumi.Output<string>): PlannedSecret {
  const { credentials, agent } = settings;
  if (credentials.existingSecret !== undefined) {
    return { reference: existingSecretReference(credentials.existingSecret), register: () => [] };
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
  const name = pulumi.all([credentials.site ?? "", digest]).apply(([site, one]) => secretName(site, one));
  return {
    reference: createdSecretReference(name, salt !== undefined),
    register: (logicalName, namespace, options) => [
      new k8s.core.v1.Secret(
        logicalName,
        credentialsSecret(agent, { ...settings, namespace }, name, values),
        options,
      ),
    ],
  };
}
