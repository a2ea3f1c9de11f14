import type * as pulumi from "@pulumi/pulumi";
import type { ExistingSecretArgs } from "../args/credentials";

/** Key of the Secret that holds the Agent Access Key. Source: guide, "Agent credentials". */
export const accessKeyIdKey = "accesskeyid";
/** Key of the Secret that holds the Agent Secret Key. Source: guide, "Agent credentials". */
export const secretAccessKeyKey = "secretaccesskey";
/** Key of the Secret that holds the salt for anonymous IP addresses. */
export const anonymousIpSecretKeyKey = "anonymousipsecretkey";

/** Where the container finds its keys. No value stands here, only names. */
export interface SecretReference {
  /** Name of the Secret, in the agent's namespace. */
  name: pulumi.Input<string>;
  /** Key that holds the Agent Access Key. */
  accessKeyIdKey: string;
  /** Key that holds the Agent Secret Key. */
  secretAccessKeyKey: string;
  /** Key that holds the salt for anonymous IP addresses; undefined when the agent uses its own. */
  anonymousIpSecretKeyKey?: string;
}

/**
 * Reference to the Secret that the component creates.
 *
 * @param name - Its name; must not be marked as secret, else the whole pod is hidden in previews.
 */
export function createdSecretReference(
  name: pulumi.Input<string>,
  withAnonymousIpSecretKey: boolean,
): SecretReference {
  return {
    name,
    accessKeyIdKey,
    secretAccessKeyKey,
    anonymousIpSecretKeyKey: withAnonymousIpSecretKey ? anonymousIpSecretKeyKey : undefined,
  };
}

/** Reference to a Secret that exists already, with the default keys filled in. */
export function existingSecretReference(existing: ExistingSecretArgs): SecretReference {
  return {
    name: existing.name,
    accessKeyIdKey: existing.accessKeyIdKey ?? accessKeyIdKey,
    secretAccessKeyKey: existing.secretAccessKeyKey ?? secretAccessKeyKey,
  };
}
