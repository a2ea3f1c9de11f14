import type * as pulumi from "@pulumi/pulumi";

/** How the providers reach istiod. */
export enum MeshConfigStrategy {
  /** Server-side apply on the key `mesh` of the mesh ConfigMap. */
  Patch = "Patch",
}

/** How the mesh configuration is found and edited. */
export interface MeshArgs {
  /**
   * How the providers reach istiod.
   *
   * @default MeshConfigStrategy.Patch
   */
  strategy?: MeshConfigStrategy;

  /**
   * Namespace of istiod and its ConfigMaps.
   *
   * @default "istio-system"
   */
  istioNamespace?: pulumi.Input<string>;

  /**
   * Istio revisions whose ConfigMap is edited: `istio` for `default`, else `istio-<revision>`. A policy
   * applies to every revision but a ConfigMap to one, so list each revision that serves a target.
   *
   * @default ["default"]
   */
  revisions?: string[];

  /**
   * Name of the ConfigMap, in place of `revisions`. For programs that install Istio themselves: derive it from
   * the installing resource, so that the ConfigMap is read only once it exists, for example
   * `istiod.status.apply(() => "istio")`.
   *
   * @default by revision
   */
  configMapName?: pulumi.Input<string>;

  /**
   * DNS domain of the cluster, as istiod knows it.
   *
   * @default "cluster.local"
   */
  clusterDomain?: string;

  /** Names of the two entries in `extensionProviders`. */
  providerNames?: ProviderNamesArgs;

  /**
   * Take over an entry of the same name that no component owns, as a hand edit after the guide leaves it.
   * An entry that another component owns is never taken over.
   *
   * @default false
   */
  adopt?: boolean;
}

/** Names of the entries in `extensionProviders`: lower case letters, digits and hyphens, at most 63. */
export interface ProviderNamesArgs {
  /**
   * The external authorizer. The guide uses `sigsci-agent-ext-authz`.
   *
   * @default "<component name>-ext-authz"
   */
  extAuthz?: string;

  /**
   * The access log. The guide uses `sigsci-agent-access-log`.
   *
   * @default "<component name>-access-log"
   */
  accessLog?: string;
}
