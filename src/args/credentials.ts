import type * as pulumi from "@pulumi/pulumi";

/**
 * The agent's credentials: either both keys, or a Secret that exists already.
 *
 * Fastly's guide: [Agent credentials](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#agent-credentials).
 */
export interface CredentialsArgs {
  /**
   * Name of the workspace (site). The Secret that is created is named `sigsci.<site>-<digest>`; the digest
   * changes with the keys, so a rotated key is a new Secret and a rollout, and no starting pod ever finds
   * the Secret missing. Required together with the keys.
   */
  site?: pulumi.Input<string>;

  /** Agent Access Key. Treated as a secret whether or not it is marked as one. */
  accessKeyId?: pulumi.Input<string>;

  /** Agent Secret Key. Treated as a secret whether or not it is marked as one. */
  secretAccessKey?: pulumi.Input<string>;

  /** A Secret in the agent's namespace that somebody else creates and rotates. Excludes the two keys. */
  existingSecret?: ExistingSecretArgs;
}

/** A Secret that is not created by this component. */
export interface ExistingSecretArgs {
  /**
   * Name of the Secret, in the agent's namespace. Kubernetes does not restart pods when its content changes:
   * rotate by giving the new content a new name, or change `agent.podAnnotations`.
   */
  name: pulumi.Input<string>;

  /**
   * Key that holds the Agent Access Key.
   *
   * @default "accesskeyid"
   */
  accessKeyIdKey?: string;

  /**
   * Key that holds the Agent Secret Key.
   *
   * @default "secretaccesskey"
   */
  secretAccessKeyKey?: string;
}
