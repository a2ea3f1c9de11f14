import { createHmac } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { agentMetadata, type ObjectContext } from "./metadata";
import type { AgentSettings } from "../settings/agent";
import { accessKeyIdKey, anonymousIpSecretKeyKey, secretAccessKeyKey } from "../settings/secretReference";

/** The values that the Secret holds, known. */
export interface CredentialValues {
  /** Agent Access Key. */
  accessKeyId: string;
  /** Agent Secret Key. */
  secretAccessKey: string;
  /** Salt for anonymous IP addresses, when given. */
  anonymousIpSecretKey?: string;
}

/** The values that the Secret holds, as they come from the arguments. */
export interface CredentialInputs {
  /** Agent Access Key. */
  accessKeyId: pulumi.Input<string>;
  /** Agent Secret Key. */
  secretAccessKey: pulumi.Input<string>;
  /** Salt for anonymous IP addresses, when given. */
  anonymousIpSecretKey?: pulumi.Input<string>;
}

const digestLength = 10;

/**
 * A short name for the values: other values, other digest. It is keyed, so the digest alone tells nothing about
 * the values, and two components with the same keys have different digests.
 *
 * @returns 10 lower-case hexadecimal digits. They are no secret.
 */
export function credentialsDigest(values: CredentialValues, salt: string): string {
  const hmac = createHmac("sha256", salt);
  const parts = [values.accessKeyId, values.secretAccessKey, values.anonymousIpSecretKey];
  for (const part of parts) {
    // The length in front keeps ("ab", "c") and ("a", "bc") apart, and a missing part from an empty one.
    hmac.update(part === undefined ? "-;" : `${Buffer.byteLength(part)};${part}`);
  }
  return hmac.digest("hex").slice(0, digestLength);
}

/**
 * Name of the Secret: the guide's `sigsci.<site>` and the digest, so that rotated keys make a new Secret beside
 * the old one and every pod finds the one it was written for.
 *
 * @param digest - What {@link credentialsDigest} gave.
 */
export function secretName(site: string, digest: string): string {
  return `sigsci.${site}-${digest}`;
}

/**
 * The Secret that the component creates. It is immutable: other values are another Secret.
 *
 * @param name - What {@link secretName} gave.
 * @param values - The values; the caller marks them as secret.
 */
export function credentialsSecret(
  settings: AgentSettings,
  context: ObjectContext,
  name: pulumi.Input<string>,
  values: CredentialInputs,
): k8s.types.input.core.v1.Secret {
  const salt = values.anonymousIpSecretKey;
  return {
    metadata: { ...agentMetadata(settings, context), name },
    type: "Opaque",
    immutable: true,
    stringData: {
      [accessKeyIdKey]: values.accessKeyId,
      [secretAccessKeyKey]: values.secretAccessKey,
      ...(salt === undefined ? {} : { [anonymousIpSecretKeyKey]: salt }),
    },
  };
}
