import type * as pulumi from "@pulumi/pulumi";

/** How the providers reach istiod. */
export enum MeshConfigStrategy {
  /** Server-side apply on the key `mesh` of the mesh ConfigMap. */
  Patch = "Patch",
  /**
   * A ConfigMap of our own, which istiod reads before its main one because its variable `SHARED_MESH_CONFIG` names it.
   * The text of your Istio installation is not touched, and `pulumi destroy` leaves nothing.
   */
  Shared = "Shared",
  /**
   * Nothing is written: whoever installs Istio puts the providers into its values. The component's outputs hold them
   * in the form of Helm and of IstioOperator, and every run compares them with the live mesh configuration.
   */
  External = "External",
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
   * Istio revisions whose ConfigMap is edited or, with strategy External, compared: `istio` for `default`, else
   * `istio-<revision>`. A policy applies to every revision but a ConfigMap to one, so list each revision that serves
   * a target. With strategy Shared, whose one ConfigMap serves all of them: the revisions whose istiod is checked.
   *
   * @default ["default"]
   */
  revisions?: string[];

  /**
   * Name of the ConfigMap, in place of `revisions`; plain, since a preview refuses a patch whose name is not known yet.
   * A program that installs Istio itself names what installs it in the component's option `dependsOn`, for example
   * `{ dependsOn: istiod }`: the ConfigMap is read once that is there. Not with strategy Shared.
   *
   * @default by revision
   */
  configMapName?: string;

  /**
   * Name of the ConfigMap that the variable `SHARED_MESH_CONFIG` of istiod names, with strategy Shared.
   *
   * @default "sigsci-mesh-config"
   */
  sharedConfigMapName?: string;

  /**
   * Whether the ConfigMap of strategy Shared is created. The components of one program share it without more ado. Set
   * it to false when another program creates it, or your cloud's add-on for Istio; then a plain `destroy` leaves the
   * entries, and `teardown` takes them out.
   *
   * @default true
   */
  createSharedConfigMap?: boolean;

  /**
   * Whether the Deployment of istiod is read, with strategy Shared, to make sure that its variable
   * `SHARED_MESH_CONFIG` names the ConfigMap. Without the variable every request that a policy matches is refused. Set
   * it to false where istiod runs outside of the cluster.
   *
   * @default true
   */
  checkIstiod?: boolean;

  /**
   * Whether the variable `SHARED_MESH_CONFIG` of istiod is set by this component, with strategy Shared, instead of
   * where Istio is installed: a small ConfigMap holds it, and a patch makes istiod's container read that. The pods of
   * istiod restart once. `pulumi destroy` takes both away again, after the policies. Set it in every component of a
   * program or in none.
   *
   * @default false
   */
  patchIstiod?: boolean;

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
