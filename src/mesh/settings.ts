import type * as pulumi from "@pulumi/pulumi";
import type { MeshArgs, ProviderNamesArgs } from "./args";
import { MeshConfigStrategy } from "./args";

/** The mesh arguments with every default filled in. */
export interface MeshSettings {
  /** How the providers reach istiod. */
  strategy: MeshConfigStrategy;
  /** Namespace of istiod. */
  istioNamespace: pulumi.Input<string>;
  /** DNS domain of the cluster. */
  clusterDomain: string;
  /** The ConfigMaps to edit. */
  configMaps: MeshConfigMapSettings[];
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
  name: pulumi.Input<string>;
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
 * Fills in every default. Nothing is checked here.
 *
 * @param componentName - Logical name of the component; the providers are named after it.
 * @param args - The mesh arguments.
 */
export function meshSettings(componentName: string, args: MeshArgs = {}): MeshSettings {
  const revisions = args.revisions ?? ["default"];
  return {
    strategy: args.strategy ?? MeshConfigStrategy.Patch,
    istioNamespace: args.istioNamespace ?? "istio-system",
    clusterDomain: args.clusterDomain ?? "cluster.local",
    configMaps:
      args.configMapName === undefined
        ? revisions.map((revision) => ({ key: revision, name: configMapNameOf(revision) }))
        : [{ key: "default", name: args.configMapName }],
    providerNames: {
      extAuthz: args.providerNames?.extAuthz ?? `${componentName}-ext-authz`,
      accessLog: args.providerNames?.accessLog ?? `${componentName}-access-log`,
    },
    adopt: args.adopt ?? false,
  };
}
