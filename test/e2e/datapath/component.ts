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
import { selection, type Integration, type OwnScenario, type Scenario } from "./scenario";

/**
 * What the package's own component creates for a scenario, apart from the agent itself: the stub takes its place.
 *
 * @param teardown whether the component takes everything out of the mesh
 */
export async function componentObjects(scenario: OwnScenario, teardown = false): Promise<Integration> {
  const { form, placement = "service" } = scenario;
  const { resources } = await recordProgram(
    () => {
      new SigsciIstioIntegration(scenario.name, {
        credentials: { existingSecret: { name: "keys" } },
        placement: placementOf[placement],
        ...(placement !== "sidecar" && { createNamespace: false }),
        agent: { name: "sigsci-agent" },
        enforcement: Enforcement[form],
        inspection: {
          ...(form !== "ExternalProcessing" && { logName: scenario.name }),
          ...scenario.inspection,
        },
        ...(form !== "AuthorizationPolicy" && {
          envoyFilter: { statPrefix: scenario.name, ...scenario.envoyFilter },
        }),
        ...(scenario.externalProcessing && { externalProcessing: scenario.externalProcessing }),
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
  if (form === "AuthorizationPolicy") {
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

function marksOf({ form, name, inspection }: OwnScenario): string[] {
  // An EnvoyFilter's own counters; in the guide's form, those of its log.
  const check =
    form === "AuthorizationPolicy" ? `istio-ext-authz-${name}-ext-authz` : `"stat_prefix":"${name}"`;
  const log = form === "ExternalProcessing" ? [] : [`"log_name":"${name}"`];
  const mark = form === "ExternalProcessing" ? "observability_mode" : "shadow_mode";
  return [check, ...log, ...(inspection?.mode === InspectionMode.Observe ? [`"${mark}":true`] : [])];
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
