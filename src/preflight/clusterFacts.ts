import type { LiveObject } from "../kubernetes/liveObject";
import type { AdmissionApi } from "./admissionApi";
import type { RightsReview } from "./reviewRights";

/** What is listed. */
export interface ListedObjects {
  /** The namespaces of the targets and of the agent. */
  namespaces: readonly LiveObject[];
  /** Pods in the namespaces of targets. */
  pods: readonly LiveObject[];
  /** Deployments, StatefulSets and DaemonSets in the namespaces of targets. */
  workloads: readonly LiveObject[];
  /** Services in the namespaces of targets. */
  services: readonly LiveObject[];
  /** AuthorizationPolicies in the namespaces of targets and in the root namespace. */
  authorizationPolicies: readonly LiveObject[];
  /** EnvoyFilters in the namespaces of targets and in the root namespace, where targets are observed. */
  envoyFilters: readonly LiveObject[];
  /** Telemetry resources in the namespaces of targets and in the root namespace. */
  telemetries: readonly LiveObject[];
  /** DestinationRules in the namespaces of targets and of the agent and in the root namespace. */
  destinationRules: readonly LiveObject[];
  /** Sidecar resources in the namespaces of targets and in the root namespace. */
  sidecars: readonly LiveObject[];
  /** ServiceEntries of all namespaces. */
  serviceEntries: readonly LiveObject[];
  /** Gateways of the Gateway API in the namespaces of targets. */
  gateways: readonly LiveObject[];
  /** Deployments of istiod in Istio's namespace. */
  istiods: readonly LiveObject[];
  /** Istio's injection webhooks, which know the revision of each tag and which pods get a proxy. */
  injectionWebhooks: readonly LiveObject[];
  /** ConfigMaps in Istio's namespace that hold a mesh configuration. */
  meshConfigMaps: readonly LiveObject[];
  /** Metadata of the Secrets that are said to exist, as far as they do. */
  secrets: readonly LiveObject[];
}

/** What preflight knows of the cluster. What could not be listed is missing: its checks say nothing. */
export type ClusterFacts = Readonly<
  Partial<ListedObjects & { rights: ReviewedRights; admissionApi: AdmissionApi }>
>;

/** What the API server says of the rights of a user, and what that means for this run. */
export interface ReviewedRights extends RightsReview {
  /** Whether it is the user with whom Pulumi writes; what another one may not do stops nothing. */
  sameUser: boolean;
  /** Whether this run changes nothing: previews are often run by a user who may only read. */
  isPreview: boolean;
}
