import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** One patch resource, told from every other one that may patch the same object, a successor of itself included. */
export interface PatchIdentity {
  /** Whose patch it is: the stable id of a component, or what stands for it where a patch belongs to none. */
  owner: string;
  /** Which of the owner's patches it is. Not by its place in a list, which may change. */
  patch: string;
  /**
   * Id of the explicit provider. A provider that is replaced replaces its patches: the new one is applied, then the old
   * one is deleted, and under the same field manager that would take away what was just applied.
   */
  provider?: string;
}

/**
 * Name of the field manager of a patch resource. The engine deletes after it has created, and deleting a patch takes
 * away all that its manager alone owns: a manager that two patches of one object share loses what the later one applied.
 * With 20 characters and those of the owner well under the 128 that Kubernetes allows.
 */
export function fieldManager({ owner, patch, provider }: PatchIdentity): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([patch, provider]))
    .digest("hex");
  return `pulumi-sigsci-istio-${owner}-${digest.slice(0, 10)}`;
}

/**
 * The same for a patch that a component registers with its own provider.
 *
 * @param owner - Known once the component exists.
 */
export function fieldManagerOf(
  component: pulumi.ComponentResource,
  owner: pulumi.Input<string>,
  patch: string,
): pulumi.Output<string> {
  const provider = component.getProvider("kubernetes:core/v1:ConfigMap");
  return pulumi
    .all([owner, provider?.id])
    .apply(([known, id]) => fieldManager({ owner: known, patch, provider: id }));
}
