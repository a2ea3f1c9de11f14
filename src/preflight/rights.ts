import type * as pulumi from "@pulumi/pulumi";
import { Enforcement, Placement, usesEnvoyFilters } from "../args/integration";
import { admissionGroup, admissionResources, isGuarded, isInjected } from "../sidecar/admission/admitted";
import { workloadResources } from "../sidecar/workloads";
import { shadowName } from "../enforcement/registerShadows";
import { shadowedTargets } from "../settings/inspection";
import { enforcementName } from "../enforcement/metadata";
import { WorkloadKind } from "../args/targets";
import { MeshConfigStrategy } from "../args/mesh";
import { environmentConfigMapName } from "../settings/mesh";
import { mostReplicas } from "../settings/agent";
import type { IntegrationSettings } from "../settings/integration";
import { isDeferred } from "../pulumi/inputs";
import type { AccessQuestion } from "../kubernetes/rbacRules";
import type { EditedMesh, PreflightSubject } from "./subject";

/** Something that the user of a run must be allowed to do. */
export interface Right extends AccessQuestion {
  /** `create` for what is not there yet, `patch` for what is: Pulumi writes by server-side apply. */
  verb: "create" | "patch";
  /** Whether it is granted for this name only, since other objects of the kind are none of our business. */
  byName: boolean;
}

/** What is known of the component when the rights are listed. */
type KnownPlaces = Pick<PreflightSubject, "istioNamespace" | "targets"> & {
  /** The agent. */
  agent: Pick<PreflightSubject["agent"], "namespace">;
  /** The mesh ConfigMaps. */
  meshes: readonly Pick<EditedMesh, "id">[];
};

/**
 * The rights to write what an update writes, each once. Of our own objects both verbs are asked for, whether they
 * exist or not: the next change of an argument needs the other one. `delete` belongs to another run.
 */
export function neededRights(settings: IntegrationSettings, places: KnownPlaces): Right[] {
  const all = [
    ...(settings.placement === Placement.Sidecar
      ? sidecarRights(settings, places)
      : agentRights(settings, places)),
    ...meshRights(settings, places),
    ...targetRights(settings, places),
    ...observabilityRights(settings, places),
  ];
  return [...new Map(all.map((right) => [JSON.stringify(right), right])).values()];
}

/** Of an object of ours; `create` carries no name, since RBAC cannot restrict it by name. */
function own(group: string, resource: string, namespace: string | undefined, name?: string): Right[] {
  return [
    createOf(group, resource, namespace),
    { verb: "patch", group, resource, namespace, name, byName: false },
  ];
}

function createOf(group: string, resource: string, namespace: string | undefined): Right {
  return { verb: "create", group, resource, namespace, byName: false };
}

function patchOf(group: string, resource: string, namespace: string | undefined, name?: string): Right {
  return { verb: "patch", group, resource, namespace, name, byName: true };
}

function agentRights(settings: IntegrationSettings, places: KnownPlaces): Right[] {
  const { agent, placement } = settings;
  const { namespace } = places.agent;
  const named = (group: string, resource: string): Right[] => own(group, resource, namespace, agent.name);
  const isDaemonSet = placement === Placement.NodeLocal;
  return [
    ...(settings.createNamespace ? own("", "namespaces", undefined, namespace) : []),
    ...secretRights(settings, [namespace]),
    ...(agent.serviceAccountName === undefined ? named("", "serviceaccounts") : []),
    ...(agent.networkPolicy === undefined ? [] : named("networking.k8s.io", "networkpolicies")),
    ...named("", "services"),
    ...named("apps", isDaemonSet ? "daemonsets" : "deployments"),
    ...(isDaemonSet || mostReplicas(agent) <= 1 ? [] : named("policy", "poddisruptionbudgets")),
    ...(agent.autoscaling === undefined ? [] : named("autoscaling", "horizontalpodautoscalers")),
  ];
}

function observabilityRights({ agent, observability }: IntegrationSettings, places: KnownPlaces): Right[] {
  const { prometheusRules: rules, dashboard } = observability;
  const operator = "monitoring.coreos.com";
  const agents = places.agent.namespace;
  // In a namespace that is known only later nobody can be asked for.
  const placed = (given: pulumi.Input<string> | undefined, ...[group, resource, name]: string[]): Right[] =>
    isDeferred(given) ? [] : own(group ?? "", resource ?? "", given ?? agents, name);
  return [
    ...(rules?.create === true ? placed(rules.namespace, operator, "prometheusrules", agent.name) : []),
    ...(dashboard ? placed(dashboard.namespace, "", "configmaps", `${agent.name}-dashboard`) : []),
    ...(agent.metrics ? own("", "configmaps", agents) : []),
    ...(agent.metrics?.podMonitor.create === true ? own(operator, "podmonitors", agents, agent.name) : []),
  ];
}

function sidecarRights(settings: IntegrationSettings, { istioNamespace, targets }: KnownPlaces): Right[] {
  const throughMesh = settings.enforcement === Enforcement.AuthorizationPolicy;
  return [
    ...secretRights(
      settings,
      targets.map(({ namespace }) => namespace),
    ),
    ...targets.flatMap(({ namespace, workload }) => {
      const { kind = WorkloadKind.Deployment, name } = workload ?? {};
      return name === undefined ? [] : [patchOf("apps", workloadResources[kind].plural, namespace, name)];
    }),
    ...(throughMesh ? own("networking.istio.io", "serviceentries", istioNamespace, settings.agent.name) : []),
    ...admissionRights(settings),
  ];
}

/** Without names, as they hold the component's id. */
function admissionRights(settings: IntegrationSettings): Right[] {
  const { targets } = settings;
  const resources = [
    ...(targets.some((target) => isInjected(settings, target)) ? admissionResources.injection : []),
    ...(targets.some((target) => isGuarded(settings, target)) ? admissionResources.guard : []),
  ];
  return resources.flatMap((resource) => own(admissionGroup, resource, undefined));
}

/** Without a name: it follows the content, and a first preview does not know it. */
function secretRights({ credentials }: IntegrationSettings, namespaces: readonly string[]): Right[] {
  return credentials.existingSecret === undefined
    ? namespaces.flatMap((namespace) => own("", "secrets", namespace))
    : [];
}

function meshRights(
  { enforcement, mesh }: IntegrationSettings,
  { istioNamespace, meshes }: KnownPlaces,
): Right[] {
  if (enforcement !== Enforcement.AuthorizationPolicy || mesh.strategy === MeshConfigStrategy.External) {
    return [];
  }
  // Of ConfigMaps and Deployments in Istio's namespace, no others are any business of ours.
  const patched = (group: string, resource: string, name: string): Right =>
    patchOf(group, resource, istioNamespace, name);
  const creates = mesh.createSharedConfigMap || mesh.patchIstiod;
  return [
    ...(creates ? [createOf("", "configmaps", istioNamespace)] : []),
    ...meshes.map(({ id }) => patched("", "configmaps", id.slice(id.indexOf("/") + 1))),
    ...(mesh.patchIstiod
      ? [
          patched("", "configmaps", environmentConfigMapName(mesh.sharedConfigMapName)),
          ...mesh.istiods.map(({ name }) => patched("apps", "deployments", name)),
        ]
      : []),
  ];
}

const envoyFilters = ["networking.istio.io", "envoyfilters"] as const;

function targetRights(settings: IntegrationSettings, { targets }: KnownPlaces): Right[] {
  const { name, enforcement, agent } = settings;
  const throughMesh = enforcement === Enforcement.AuthorizationPolicy;
  const kinds = usesEnvoyFilters(enforcement)
    ? [envoyFilters]
    : [
        ["security.istio.io", "authorizationpolicies"] as const,
        ...(agent.expectResponseData ? [["telemetry.istio.io", "telemetries"] as const] : []),
      ];
  const shadowed = throughMesh ? shadowedTargets(settings).map((target) => target.name) : [];
  return targets.flatMap((target) => [
    ...kinds.flatMap(([group, resource]) =>
      own(group, resource, target.namespace, enforcementName(name, target.name)),
    ),
    ...(shadowed.includes(target.name)
      ? own(...envoyFilters, target.namespace, shadowName(name, target))
      : []),
  ]);
}
