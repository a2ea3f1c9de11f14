import { rootNamespace, type ExtensionProvider, type Manifest } from "./mesh";

/** How a request is checked. */
export interface Inspection {
  /** Longest wait for the agent, a Go duration. Default `200ms`. */
  readonly timeout?: string;
  /** Whether requests pass when the agent gives no answer. Default true. */
  readonly failOpen?: boolean;
  /** Status for a client when the agent gives no answer and `failOpen` is false. Default: Istio's 403. */
  readonly statusOnError?: number;
  /** Whether the agent gets the body. Default true. */
  readonly body?: boolean;
  /** Bytes of the body that the agent gets. Default: the package's own. */
  readonly maxRequestBytes?: number;
  /** Whether a larger body is cut for the check; otherwise the request is refused with 413. Default true. */
  readonly allowPartialMessage?: boolean;
}

/** For tests that are not about time: there a busy machine must not look like a slow agent. */
export const unhurried: Inspection = { timeout: "5s" };

/** One way to put the agent into the mesh. */
export interface Scenario {
  /** Makes names unique, so that a configuration can be told from the one before. Lower case and digits. */
  readonly name: string;
  /** `guide-…`: the guide's own text. */
  readonly form: "AuthorizationPolicy" | "EnvoyFilter" | "guide-EnvoyFilter" | "guide-providers";
  /** Default `workload`. */
  readonly target?: "workload" | "gateway";
  /** Where the agent is reached. Default `service`. */
  readonly placement?: "service" | "sidecar";
  readonly inspection?: Inspection;
  /** Paths that are not checked. Default none. */
  readonly notPaths?: readonly string[];
  /** Ports of the workload that are not checked. Default none; not in the EnvoyFilter forms. */
  readonly notPorts?: readonly number[];
  /** Whether the mesh's own access log is kept beside ours. Default true. */
  readonly keepMeshLog?: boolean;
}

/** What is written into the cluster for a scenario. */
export interface Integration {
  /** Entries of the mesh configuration, written first and taken away last. */
  readonly providers: readonly ExtensionProvider[];
  readonly objects: readonly Manifest[];
  /** Texts that the configuration of the target's listener has when all of it is active. */
  readonly marks: readonly string[];
  /** Envoy's name of the agent. */
  readonly cluster: string;
}

/** Request headers that the access log carries to the agent. */
export const loggedRequestHeaders = [
  "x-sigsci-request-id",
  "x-sigsci-waf-response",
  "accept",
  "content-type",
  "content-length",
] as const;

/** Response headers that the access log carries to the agent. */
export const loggedResponseHeaders = ["date", "server", "content-type", "content-length"] as const;

/** Namespace and labels of a scenario's target. */
export function selection(scenario: Scenario): { namespace: string; matchLabels: Record<string, string> } {
  return scenario.target === "gateway"
    ? { namespace: rootNamespace, matchLabels: { istio: "ingressgateway" } }
    : { namespace: "shop", matchLabels: { app: "web" } };
}
