import type {
  EnvoyFilterArgs,
  ExternalProcessingArgs,
  InspectionArgs,
  InspectionRuleArgs,
} from "../../../src";
import { gatewayProxy, workloadProxy } from "./envoyBootstrap";
import type { ExtensionProvider, Manifest } from "./mesh";

/** For tests that are not about time: there a busy machine must not look like a slow agent. */
export const unhurried: InspectionArgs = { timeout: "5s" };

/** The package's own ways to tell Envoy, each with what the names of its scenarios begin with. */
export const ownForms = { AuthorizationPolicy: "ap", EnvoyFilter: "ef", ExternalProcessing: "ep" } as const;

/** One of them. */
export type OwnForm = keyof typeof ownForms;

/** All of them. */
export const everyForm = Object.keys(ownForms) as OwnForm[];

/** One way to put the agent into the mesh. */
export interface Scenario {
  /** Makes names unique, so that a configuration can be told from the one before. Lower case, digits, hyphens. */
  readonly name: string;
  /** `guide-…`: the guide's own text. */
  readonly form: OwnForm | "guide-EnvoyFilter" | "guide-providers";
  /** Default `workload`. */
  readonly target?: "workload" | "gateway";
  /** Where the agent is reached; `node`: on the proxy's own node. Default `service`. */
  readonly placement?: "service" | "sidecar" | "node";
  /** How a request is checked, in the package's own words and with its defaults. */
  readonly inspection?: InspectionArgs;
  /** Paths that are not checked. Default none. */
  readonly notPaths?: readonly string[];
  /** Ports of the workload that are not checked. Default none. */
  readonly notPorts?: readonly number[];
  /** Further conditions of the target. Default none. */
  readonly conditions?: InspectionRuleArgs;
  /** Ports of the workload that carry gRPC, with the package's EnvoyFilters. Default none. */
  readonly grpcPorts?: readonly number[];
  /** What the package's EnvoyFilters do beyond that. */
  readonly envoyFilter?: EnvoyFilterArgs;
  /** What is sent by external processing, and what may be changed. */
  readonly externalProcessing?: ExternalProcessingArgs;
}

/** One of the package's own ways. */
export interface OwnScenario extends Scenario {
  readonly form: OwnForm;
}

/** What is written into the cluster for a scenario. */
export interface Integration {
  /** Written before all else: the agent's Service, or the ServiceEntry of one in the pod. */
  readonly service: readonly Manifest[];
  /** Entries of the mesh configuration, written before the objects and taken away after them. */
  readonly providers: readonly ExtensionProvider[];
  readonly objects: readonly Manifest[];
  /** Texts that the configuration of the target's listener has when all of it is active. */
  readonly marks: readonly string[];
  /** Envoy's name of the agent. */
  readonly cluster: string;
}

/** Namespace and labels of a scenario's target. */
export function selection(scenario: Scenario): { namespace: string; matchLabels: Record<string, string> } {
  return scenario.target === "gateway"
    ? { namespace: gatewayProxy.namespace, matchLabels: { istio: "ingressgateway" } }
    : { namespace: workloadProxy.namespace, matchLabels: { app: "web" } };
}
