import type * as pulumi from "@pulumi/pulumi";
import type { MeshArgs, ProviderNamesArgs } from "../args/mesh";
import { MeshConfigStrategy } from "../args/mesh";

/** The mesh arguments with every default filled in. */
export interface MeshSettings {
  /** How the providers reach istiod. */
  strategy: MeshConfigStrategy;
  /** Namespace of istiod. */
  istioNamespace: pulumi.Input<string>;
  /** DNS domain of the cluster. */
  clusterDomain: string;
  /** The ConfigMaps to edit, or to compare with strategy External. */
  configMaps: MeshConfigMapSettings[];
  /** The Deployments of istiod that must know the shared ConfigMap; none with other strategies. */
  istiods: IstiodSettings[];
  /** Whether these Deployments are patched to know it. */
  patchIstiod: boolean;
  /** Name of the ConfigMap of strategy Shared. */
  sharedConfigMapName: string;
  /** Whether the shared ConfigMap is created. */
  createSharedConfigMap: boolean;
  /** Names of the two providers. */
  providerNames: Required<ProviderNamesArgs>;
  /** Whether unowned entries are taken over. */
  adopt: boolean;
}

/** One mesh ConfigMap to edit. */
export interface MeshConfigMapSettings {
  /** Stable suffix of the logical names of the resources that edit it. */
  key: string;
  /** Name of the ConfigMap. */
  name: string;
}

/** One istiod to check or to patch. */
export interface IstiodSettings {
  /** Stable suffix of the logical names of the resources that read and patch it. */
  key: string;
  /** Name of its Deployment. */
  name: string;
}

/** Namespace of istiod, and of the policies that reach every namespace, unless another is given. */
export const defaultIstioNamespace = "istio-system";

/** Name of the ConfigMap that all revisions share, unless another is given. */
export const defaultSharedConfigMapName = "sigsci-mesh-config";

/** Name of the ConfigMap with istiod's variable. */
export function environmentConfigMapName(sharedConfigMap: string): string {
  return `${sharedConfigMap}-env`;
}

/**
 * Name of the mesh ConfigMap of a revision. Source: Istio, istiod looks for `istio-<revision>`.
 *
 * @param revision - The revision; `default` is the unnamed one.
 */
export function configMapNameOf(revision: string): string {
  return revision === "default" ? "istio" : `istio-${revision}`;
}

/**
 * Name of the Deployment of istiod of a revision. Source: Istio, chart istiod.
 *
 * @param revision - The revision; `default` is the unnamed one.
 */
export function istiodNameOf(revision: string): string {
  return revision === "default" ? "istiod" : `istiod-${revision}`;
}

/**
 * Fills in every default. Nothing is checked here.
 *
 * @param componentName - Logical name of the component; the providers are named after it.
 */
export function meshSettings(componentName: string, args: MeshArgs = {}): MeshSettings {
  const revisions = args.revisions ?? ["default"];
  const strategy = args.strategy ?? MeshConfigStrategy.Patch;
  const isShared = strategy === MeshConfigStrategy.Shared;
  const sharedConfigMapName = args.sharedConfigMapName ?? defaultSharedConfigMapName;
  return {
    strategy,
    istioNamespace: args.istioNamespace ?? defaultIstioNamespace,
    clusterDomain: args.clusterDomain ?? "cluster.local",
    configMaps: isShared
      ? [{ key: "shared", name: sharedConfigMapName }]
      : ownConfigMaps(revisions, args.configMapName),
    istiods:
      isShared && (args.checkIstiod ?? true)
        ? revisions.map((revision) => ({ key: revision, name: istiodNameOf(revision) }))
        : [],
    patchIstiod: isShared && (args.patchIstiod ?? false),
    sharedConfigMapName,
    createSharedConfigMap: isShared && (args.createSharedConfigMap ?? true),
    providerNames: {
      extAuthz: args.providerNames?.extAuthz ?? `${componentName}-ext-authz`,
      accessLog: args.providerNames?.accessLog ?? `${componentName}-access-log`,
    },
    adopt: args.adopt ?? false,
  };
}

/** The ConfigMaps that belong to Istio's installation. */
function ownConfigMaps(
  revisions: readonly string[],
  given: MeshArgs["configMapName"],
): MeshConfigMapSettings[] {
  return given === undefined
    ? revisions.map((revision) => ({ key: revision, name: configMapNameOf(revision) }))
    : [{ key: "default", name: given }];
}
