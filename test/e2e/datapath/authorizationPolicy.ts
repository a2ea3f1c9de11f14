import { hosts, localAgent, ports } from "./addresses";
import { rootNamespace, type ExtensionProvider, type Manifest } from "./mesh";
import {
  loggedRequestHeaders,
  loggedResponseHeaders,
  selection,
  type Integration,
  type Scenario,
} from "./scenario";

/** Name of the ext_authz provider of a scenario. */
export function extAuthzProvider(scenario: Scenario): string {
  return `${scenario.name}-ext-authz`;
}

/** Providers, policy and telemetry of a scenario. */
export function authorizationPolicy(scenario: Scenario): Integration {
  const host = scenario.placement === "sidecar" ? "sigsci-agent.local" : hosts.agent;
  return {
    providers: providers(scenario, host),
    objects: [
      ...(scenario.placement === "sidecar" ? [localAgentEntry(host)] : []),
      telemetry(scenario),
      policy(scenario),
    ],
    marks: [`istio-ext-authz-${extAuthzProvider(scenario)}`, `"log_name":"${scenario.name}"`],
    cluster: `outbound|${ports.agent}||${host}`,
  };
}

function providers(scenario: Scenario, host: string): ExtensionProvider[] {
  const { timeout = "200ms", failOpen = true, statusOnError } = scenario.inspection ?? {};
  const { maxRequestBytes = 8192, allowPartialMessage = true } = scenario.inspection ?? {};
  const service = { service: host, port: ports.agent };
  return [
    {
      name: extAuthzProvider(scenario),
      envoyExtAuthzGrpc: {
        ...service,
        timeout,
        failOpen,
        ...(statusOnError === undefined ? {} : { statusOnError }),
        includeRequestBodyInCheck: { maxRequestBytes, allowPartialMessage, packAsBytes: true },
      },
    },
    {
      name: `${scenario.name}-access-log`,
      envoyHttpAls: {
        ...service,
        logName: scenario.name,
        additionalRequestHeadersToLog: loggedRequestHeaders,
        additionalResponseHeadersToLog: loggedResponseHeaders,
      },
    },
  ];
}

function policy(scenario: Scenario): Manifest {
  const { namespace, matchLabels } = selection(scenario);
  const { notPaths = [] } = scenario;
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: scenario.name, namespace },
    spec: {
      selector: { matchLabels },
      action: "CUSTOM",
      provider: { name: extAuthzProvider(scenario) },
      rules: notPaths.length === 0 ? [{}] : [{ to: [{ operation: { notPaths } }] }],
    },
  };
}

function telemetry(scenario: Scenario): Manifest {
  const { namespace, matchLabels } = selection(scenario);
  const loggers = [`${scenario.name}-access-log`, ...(scenario.keepMeshLog === false ? [] : ["envoy"])];
  return {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: scenario.name, namespace },
    spec: {
      selector: { matchLabels },
      accessLogging: [
        {
          // A gateway's requests count as outgoing ones, so there the mode stays open.
          ...(scenario.target === "gateway" ? {} : { match: { mode: "SERVER" } }),
          providers: loggers.map((name) => ({ name })),
        },
      ],
    },
  };
}

/** An agent in the pod itself, as a host that a provider can name. */
function localAgentEntry(host: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "sigsci-agent-local", namespace: rootNamespace },
    spec: {
      hosts: [host],
      resolution: "STATIC",
      ports: [{ number: ports.agent, name: "grpc", protocol: "GRPC" }],
      endpoints: [{ address: localAgent }],
    },
  };
}
