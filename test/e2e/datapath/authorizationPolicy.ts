import { authorizationPolicySpec } from "../../../src/enforcement/authorizationPolicy";
import { inspectionSettings } from "../../../src/enforcement/inspectionSettings";
import { enforcementName } from "../../../src/enforcement/register";
import type { TargetArgs } from "../../../src/enforcement/targetArgs";
import { telemetrySpec } from "../../../src/enforcement/telemetry";
import { extensionProviders } from "../../../src/mesh/providers";
import { meshSettings } from "../../../src/mesh/settings";
import { hosts, localAgent, ports } from "./addresses";
import { rootNamespace, type Manifest } from "./mesh";
import { selection, type Inspection, type Integration, type Scenario } from "./scenario";

/** Providers, policy and telemetry of a scenario, planned by the package's own functions. */
export function authorizationPolicy(scenario: Scenario): Integration {
  const host = scenario.placement === "sidecar" ? "sigsci-agent.local" : hosts.agent;
  const inspection = inspectionSettings({ ...inspectionArgs(scenario), logName: scenario.name });
  const { providerNames } = meshSettings(scenario.name);
  const target = targetOf(scenario);
  const metadata = {
    name: enforcementName(scenario.name, target.name),
    namespace: selection(scenario).namespace,
  };
  const kept = scenario.keepMeshLog === false ? [] : inspection.keepAccessLogProviders;
  return {
    providers: extensionProviders({ host, port: ports.agent }, inspection, providerNames, true),
    objects: [
      ...(scenario.placement === "sidecar" ? [localAgentEntry(host)] : []),
      {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata,
        spec: telemetry(scenario, telemetrySpec(target, providerNames.accessLog, kept)),
      },
      {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata,
        spec: authorizationPolicySpec(target, providerNames.extAuthz),
      },
    ],
    marks: [`istio-ext-authz-${providerNames.extAuthz}`, `"log_name":"${scenario.name}"`],
    cluster: `outbound|${ports.agent}||${host}`,
  };
}

/** The scenario's target in the package's own words. */
export function targetOf(scenario: Scenario): TargetArgs {
  const { notPaths, notPorts } = scenario;
  return {
    name: "web",
    ...selection(scenario),
    ...(notPaths === undefined ? {} : { notPaths: [...notPaths] }),
    ...(notPorts === undefined ? {} : { notPorts: [...notPorts] }),
  };
}

function inspectionArgs({
  inspection = {},
}: {
  inspection?: Inspection;
}): Parameters<typeof inspectionSettings>[0] {
  const { timeout, failOpen, statusOnError, body, maxRequestBytes, allowPartialMessage } = inspection;
  return {
    timeout,
    failOpen,
    statusOnError,
    body: { enabled: body, maxBytes: maxRequestBytes, allowPartial: allowPartialMessage },
  };
}

/** A gateway's requests count as outgoing ones, so there the mode must stay open. */
function telemetry(scenario: Scenario, spec: ReturnType<typeof telemetrySpec>): object {
  if (scenario.target !== "gateway") return spec;
  return { ...spec, accessLogging: spec.accessLogging.map(({ providers }) => ({ providers })) };
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
