import type * as pulumi from "@pulumi/pulumi";
import type { Enforcement, Placement } from "../args/integration";
import type { ExcludedPodsArgs } from "../args/sidecar";
import type { TargetArgs } from "../args/targets";
import type { ClaimedTarget } from "../enforcement/claimProxies";
import type { ExtensionProvider } from "../mesh/extensionProvider";
import type { AgentEndpoint } from "../settings/agentEndpoint";
import type { IntegrationSettings } from "../settings/integration";

/** A target whose namespace and labels are known. */
export type KnownTarget = Omit<TargetArgs, "namespace" | "matchLabels"> & {
  /** Namespace of the target. */
  namespace: string;
  /** Labels of its pods. */
  matchLabels?: Readonly<Record<string, string>>;
};

/** A mesh ConfigMap as it will be after this run. */
export interface EditedMesh {
  /** `<namespace>/<name>`. */
  id: string;
  /** The key `mesh`. */
  text: string;
}

/** What preflight needs to know of the component: plain and known. */
export interface PreflightSubject {
  /** Logical name of the component. */
  name: string;
  /** Where the agent runs. */
  placement: Placement;
  /** How Envoy is told. */
  enforcement: Enforcement;
  /** Whether a request passes when the agent cannot be asked. */
  failOpen: boolean;
  /** Whether bodies are inspected, and held for that. */
  sendsBodies: boolean;
  /** The agent. */
  agent: {
    /** Its namespace. */
    namespace: string;
    /** Labels that the component gives to the namespace; undefined when the namespace exists already. */
    namespaceLabels: Readonly<Record<string, string>> | undefined;
    /** Its host as the mesh knows it. */
    host: string;
    /** Its port as the mesh knows it. */
    port: number;
  };
  /** DNS domain of the cluster, as the component was told. */
  clusterDomain: string;
  /** Namespace of istiod. */
  istioNamespace: string;
  /** Whether the mesh ConfigMaps that this run edits are istiod's own ones (strategy Patch). */
  editsMesh: boolean;
  /** The mesh ConfigMaps that this run edits; none with EnvoyFilter enforcement. */
  meshes: readonly EditedMesh[];
  /** The Deployments of istiod that this run makes read a shared mesh ConfigMap; undefined when it patches none. */
  istiodPatch: { istiods: readonly string[]; configMap: string } | undefined;
  /** The entries of `extensionProviders` that are meant. */
  providers: readonly ExtensionProvider[];
  /** Name of the external authorizer. */
  extAuthz: string;
  /** Name of the access log; undefined when no Telemetry is created. */
  accessLog: string | undefined;
  /** Access logs of others that the targets keep. */
  keptAccessLogs: readonly string[];
  /** What is protected, as far as its namespace and labels are known. */
  targets: readonly KnownTarget[];
  /** Names of the targets that are observed by Envoy's shadow mode. */
  shadowed: readonly string[];
  /** The targets of components that the program made before. */
  otherTargets: readonly ClaimedTarget[];
  /** What the API server is to do with new pods of the targets. */
  admission: {
    /** Whether it adds the agent to those of any target. */
    injects: boolean;
    /** Whether it looks at those of any target. */
    guards: boolean;
    /** Pods that it leaves alone. */
    excludedPods: readonly ExcludedPodsArgs[];
  };
  /** The Secret that exists already; undefined when the component creates it or its name is known only later. */
  existingSecret: string | undefined;
}

/** A mesh ConfigMap that Pulumi has read. */
export interface PreflightMesh {
  /** `<namespace>/<name>`. */
  configMap: pulumi.Output<string>;
  /** The key `mesh` as it will be after this run. */
  text: pulumi.Output<string>;
  /** Its uid, by which a cluster is recognised. */
  uid: pulumi.Output<string | undefined>;
}

/** What preflight needs of the component. */
export interface PreflightContext {
  /** The component. */
  component: pulumi.ComponentResource;
  /** Its settings. */
  settings: IntegrationSettings;
  /** The mesh ConfigMaps that Pulumi reads; none with EnvoyFilter enforcement. */
  meshes: readonly PreflightMesh[];
  /** The entries of `extensionProviders`. */
  providers: pulumi.Input<ExtensionProvider[]>;
  /** Access logs of others that the targets keep. */
  keptLogs: pulumi.Input<readonly string[]>;
  /** The agent's host and port. */
  endpoint: pulumi.Output<AgentEndpoint>;
  /** The ids of what must be there before the cluster is looked at. */
  awaited: pulumi.Output<string[]>;
}

/** What happens to requests when the agent cannot be asked. */
export function withoutAnswer({ failOpen }: Pick<PreflightSubject, "failOpen">): string {
  return failOpen
    ? "requests would pass without inspection"
    : "requests would be refused, because of `inspection.failOpen: false`";
}
