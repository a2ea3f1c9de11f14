import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  Enforcement,
  InspectionMode,
  Placement,
  SigsciIstioIntegration,
  TargetKind,
  type TargetArgs,
} from "../../../src";
import { guideCluster, localAgent } from "../../../src/enforcement/envoyFilter/agentAddress";
import { recordProgram } from "../../../src/offline/recording";
import { hosts, ports } from "./addresses";
import { meshConfig, rootNamespace, type ExtensionProvider, type Manifest } from "./mesh";
import { selection, type Integration, type Scenario } from "./scenario";

/**
 * What the package's own component creates for a scenario, apart from the agent itself: the stub takes its place.
 *
 * @param teardown whether the component takes everything out of the mesh
 */
export async function componentObjects(scenario: Scenario, teardown = false): Promise<Integration> {
  const { placement = "service" } = scenario;
  const { resources } = await recordProgram(
    () => {
      new SigsciIstioIntegration(scenario.name, {
        credentials: { existingSecret: { name: "keys" } },
        placement: placementOf[placement],
        ...(placement !== "sidecar" && { createNamespace: false }),
        agent: { name: "sigsci-agent" },
        enforcement: Enforcement[scenario.form === "EnvoyFilter" ? "EnvoyFilter" : "AuthorizationPolicy"],
        inspection: { logName: scenario.name, ...scenario.inspection },
        ...(scenario.form === "EnvoyFilter" && {
          envoyFilter: { statPrefix: scenario.name, ...scenario.envoyFilter },
        }),
        targets: [targetOf(scenario)],
        teardown,
      });
    },
    { reads: (_type, id) => (id === `${rootNamespace}/istio` ? meshConfig([]) : undefined) },
  );
  const written = resources.filter(({ isRead }) => !isRead).map(({ inputs }) => manifestOf(inputs));
  const ofKind = (...kinds: string[]): Manifest[] =>
    written.filter(
      (manifest): manifest is Manifest => manifest !== undefined && kinds.includes(manifest.kind),
    );
  return {
    service: ofKind("Service", "ServiceEntry"),
    providers: ofKind("ConfigMap").flatMap(providersIn),
    objects: ofKind("Telemetry", "AuthorizationPolicy", "EnvoyFilter"),
    marks: marksOf(scenario),
    cluster: clusterOf(scenario),
  };
}

const placementOf = {
  service: Placement.Service,
  sidecar: Placement.Sidecar,
  node: Placement.NodeLocal,
} as const;

/** Envoy's name of the agent: Istio's own for a host of the mesh, else that of the EnvoyFilter's cluster. */
function clusterOf({ form, placement, envoyFilter }: Scenario): string {
  if (placement !== "sidecar") {
    return `outbound|${ports.agent}||${hosts.agent}`;
  }
  if (form !== "EnvoyFilter") {
    return `outbound|${ports.agent}||${hosts.agentInPod}`;
  }
  return envoyFilter?.guideCompatible === true ? guideCluster : localAgent(ports.agent).cluster;
}

function targetOf(scenario: Scenario): TargetArgs {
  const { notPaths, notPorts, grpcPorts } = scenario;
  return {
    name: "web",
    ...(scenario.target === "gateway" && { kind: TargetKind.Gateway }),
    ...selection(scenario),
    ...scenario.conditions,
    ...(notPaths && { notPaths: [...notPaths] }),
    ...(notPorts && { notPorts: [...notPorts] }),
    ...(grpcPorts && { grpcPorts: [...grpcPorts] }),
  };
}

function marksOf({ form, name, inspection }: Scenario): string[] {
  // An EnvoyFilter's own counters; in the guide's form, those of its log.
  const check = form === "EnvoyFilter" ? `"stat_prefix":"${name}"` : `istio-ext-authz-${name}-ext-authz`;
  const observed = inspection?.mode === InspectionMode.Observe ? ['"shadow_mode":true'] : [];
  return [check, `"log_name":"${name}"`, ...observed];
}

/** The object that a resource stands for; undefined for what is none, such as a random id. */
function manifestOf(inputs: Readonly<Record<string, unknown>>): Manifest | undefined {
  if (typeof inputs.kind !== "string" || typeof inputs.apiVersion !== "string") {
    return undefined;
  }
  // Pulumi's inputs for a Kubernetes object are the object; those that are written here hold no secret.
  return JSON.parse(JSON.stringify(inputs)) as Manifest;
}

function providersIn(configMap: Manifest): ExtensionProvider[] {
  const { data } = configMap as Manifest & { data?: { mesh?: string } };
  assert.ok(data?.mesh !== undefined, "the patch of the mesh configuration has a text");
  // The text that the component has just written.
  const mesh = parse(data.mesh) as { extensionProviders?: ExtensionProvider[] };
  return mesh.extensionProviders ?? [];
}
