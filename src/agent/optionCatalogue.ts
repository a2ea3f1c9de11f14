import type { AgentOptionsArgs } from "../args/agentOptions";

/** What an option's value is. */
export enum OptionKind {
  /** Free text. */
  Text = "Text",
  /** true or false. */
  Flag = "Flag",
  /** A whole number. */
  Count = "Count",
  /** A Go duration; the agent reads one without a unit as milliseconds. */
  Duration = "Duration",
}

/** A documented option of the agent. */
export interface AgentOption {
  /** Dashed name, for example `max-procs`. */
  name: string;
  /** What its value is. */
  kind: OptionKind;
  /** The typed field of {@link AgentOptionsArgs}, when there is one. */
  field?: keyof AgentOptionsArgs;
  /** The argument that decides this option, when the component sets it itself and nobody else may. */
  setBy?: "credentials" | "port" | "expectResponseData" | "startupProbe" | "enforcement";
}

const { Text, Flag, Count, Duration } = OptionKind;

/**
 * The options whose names are known, in the order in which the component writes them. It need not be complete:
 * an unknown name is passed on, with a warning only when it looks like a slip.
 *
 * Source: Fastly, "Agent configuration", the Envoy, startup-probe, StatsD and reverse-proxy guides.
 */
export const agentOptions: readonly AgentOption[] = [
  { name: "accesskeyid", kind: Text, setBy: "credentials" },
  { name: "secretaccesskey", kind: Text, setBy: "credentials" },
  { name: "anonymous-ip-secret-key", kind: Text, field: "anonymousIpSecretKey" },
  { name: "envoy-grpc-address", kind: Text, setBy: "port" },
  { name: "envoy-extproc-enabled", kind: Flag, setBy: "enforcement" },
  { name: "envoy-expect-response-data", kind: Flag, setBy: "expectResponseData" },
  { name: "startup-probe-listener", kind: Text, setBy: "startupProbe" },
  { name: "max-procs", kind: Text, field: "maxProcs" },
  { name: "rpc-address", kind: Text, field: "rpcAddress" },
  { name: "shared-cache-dir", kind: Text, field: "sharedCacheDir" },
  { name: "client-ip-header", kind: Text, field: "clientIpHeader" },
  { name: "context-expiration", kind: Duration, field: "contextExpiration" },
  { name: "cleaner-interval", kind: Duration, field: "cleanerInterval" },
  { name: "upload-interval", kind: Duration, field: "uploadInterval" },
  { name: "inspection-max-content-length", kind: Count, field: "inspectionMaxContentLength" },
  { name: "examine-unknown-content-type", kind: Flag, field: "examineUnknownContentType" },
  { name: "custom-request-headers", kind: Text, field: "customRequestHeaders" },
  { name: "bypass-egress-proxy-for-upstreams", kind: Flag, field: "bypassEgressProxyForUpstreams" },
  { name: "server-hostname", kind: Text, field: "serverHostname" },
  { name: "server-flavor", kind: Text, field: "serverFlavor" },
  { name: "log-out", kind: Text, field: "logOut" },
  { name: "waf-data-log", kind: Text, field: "wafDataLog" },
  { name: "waf-data-log-all", kind: Flag, field: "wafDataLogAll" },
  { name: "statsd-address", kind: Text, field: "statsdAddress" },
  { name: "statsd-metrics", kind: Text, field: "statsdMetrics" },
  { name: "debug-log-all-the-things", kind: Flag, field: "debugLogAllTheThings" },
  { name: "debug-log-blocked-requests", kind: Flag, field: "debugLogBlockedRequests" },
  { name: "debug-log-config-updates", kind: Count },
  { name: "debug-log-config-uploads", kind: Count },
  { name: "debug-log-verbosity", kind: Count },
  { name: "debug-log-web-inputs", kind: Count },
  { name: "debug-log-web-outputs", kind: Count },
  { name: "config", kind: Text },
  { name: "envoy-grpc-cert", kind: Text },
  { name: "envoy-grpc-key", kind: Text },
  { name: "haproxy-spoa-address", kind: Text },
  { name: "haproxy-spoa-enabled", kind: Flag },
  { name: "revproxy-listener", kind: Text },
  { name: "startup-probe-filepath", kind: Text },
];

const optionsByName = new Map(agentOptions.map((option) => [option.name, option]));
const environmentPrefix = "SIGSCI_";

/**
 * The documented option of that name, undefined when it is not known here.
 *
 * @param name - Dashed name, for example `max-procs`.
 */
export function agentOption(name: string): AgentOption | undefined {
  return optionsByName.get(name);
}

/**
 * The environment variable of an option: `max-procs` is `SIGSCI_MAX_PROCS`.
 *
 * Source: guide, "Configuring the agent container".
 */
export function optionVariable(name: string): string {
  return environmentPrefix + name.toUpperCase().replaceAll("-", "_");
}

/**
 * The option that an environment variable sets, undefined when the variable is not one of the agent's.
 *
 * @param variable - Name of the variable, for example `SIGSCI_MAX_PROCS`.
 */
export function variableOption(variable: string): string | undefined {
  return variable.startsWith(environmentPrefix)
    ? variable.slice(environmentPrefix.length).toLowerCase().replaceAll("_", "-")
    : undefined;
}

/** Names seen in older examples, with the documented name. */
const formerNames = new Map([
  ["debug-all-the-things", "debug-log-all-the-things"],
  ["hostname", "server-hostname"],
]);

/** The documented name that older examples write differently, undefined when there is none. */
export function documentedName(name: string): string | undefined {
  return formerNames.get(name);
}
