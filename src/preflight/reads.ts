import { Enforcement, Placement } from "../args/integration";
import type { PreflightCheck } from "../args/preflight";
import { isNeeded } from "./checks";
import { expectedSecrets } from "./checks/existingSecret";
import type { ListedObjects } from "./clusterFacts";
import { rootNamespaceOf } from "./meshView";
import { targetNamespaces } from "./targetPods";
import type { PreflightSubject } from "./subject";

/** One request to the API server. */
export interface Read {
  /** What it contributes to. */
  fact: keyof ListedObjects;
  /** `get` for one object, `list` for many. */
  verb: "get" | "list";
  /** API group, empty for the core group. */
  group: string;
  /** Version of the group. */
  version: string;
  /** Plural name of the resource. */
  resource: string;
  /** Namespace; undefined for all, or for resources outside of namespaces. */
  namespace?: string;
  /** Name of the one object. */
  name?: string;
  /** Labels of what is listed. */
  labelSelector?: string;
  /** Whether only metadata is read. */
  metadata?: boolean;
}

/** The path of a request. */
export function pathOf({ group, version, resource, namespace, name }: Omit<Read, "fact" | "verb">): string {
  const parts = [
    ...(group === "" ? ["api", version] : ["apis", group, version]),
    ...(namespace === undefined ? [] : ["namespaces", namespace]),
    resource,
    ...(name === undefined ? [] : [name]),
  ];
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}

/** What is read of a cluster besides the mesh ConfigMaps, see {@link meshReads}. */
export function plannedReads(subject: PreflightSubject, ignored: readonly PreflightCheck[] = []): Read[] {
  const all = [...namespaceReads(subject), ...workloadReads(subject), ...istioReads(subject)];
  return all.filter(({ fact }) => isNeeded(fact, ignored));
}

function core(resource: string): Pick<Read, "group" | "version" | "resource"> {
  return { group: "", version: "v1", resource };
}

function namespaceReads(subject: PreflightSubject): Read[] {
  const names = new Set([...targetNamespaces(subject), subject.agent.namespace]);
  return [
    ...[...names].map((name): Read => ({ fact: "namespaces", verb: "get", ...core("namespaces"), name })),
    ...expectedSecrets(subject).map((id): Read => {
      const [namespace, name] = id.split("/");
      return { fact: "secrets", verb: "get", ...core("secrets"), namespace, name, metadata: true };
    }),
  ];
}

function workloadReads(subject: PreflightSubject): Read[] {
  const throughMesh = subject.enforcement === Enforcement.AuthorizationPolicy;
  const refersToServices = subject.targets.some(({ targetRefs }) => targetRefs !== undefined);
  return targetNamespaces(subject).flatMap((namespace): Read[] => {
    const list = { verb: "list", namespace } as const;
    return [
      { fact: "pods", ...list, ...core("pods") },
      ...["deployments", "statefulsets", "daemonsets"].map((resource): Read => ({
        fact: "workloads",
        ...list,
        group: "apps",
        version: "v1",
        resource,
      })),
      ...(throughMesh || refersToServices
        ? [{ fact: "services", ...list, ...core("services") } satisfies Read]
        : []),
    ];
  });
}

function istioReads(subject: PreflightSubject): Read[] {
  const { agent, istioNamespace } = subject;
  const root = rootNamespaceOf({}, subject);
  const policies = new Set([...targetNamespaces(subject), root]);
  const each = (
    fact: keyof ListedObjects,
    names: Iterable<string>,
    [group, resource]: readonly [string, string],
  ): Read[] =>
    [...names].map((namespace) => ({ fact, verb: "list", group, version: "v1", resource, namespace }));
  const networking = "networking.istio.io";
  const withGateways = subject.targets
    .filter(({ targetRefs }) => targetRefs !== undefined)
    .map(({ namespace }) => namespace);
  return [
    ...each("telemetries", subject.accessLog === undefined ? [] : policies, [
      "telemetry.istio.io",
      "telemetries",
    ]),
    ...(subject.placement === Placement.Sidecar
      ? []
      : each("destinationRules", new Set([...policies, agent.namespace]), [networking, "destinationrules"])),
    ...each("sidecars", policies, [networking, "sidecars"]),
    ...each("gateways", new Set(withGateways), ["gateway.networking.k8s.io", "gateways"]),
    ...each("authorizationPolicies", policies, ["security.istio.io", "authorizationpolicies"]),
    ...(subject.enforcement === Enforcement.AuthorizationPolicy
      ? registryReads(istioNamespace)
      : filterReads(policies)),
    ...(subject.shadowed.length > 0 ? shadowReads(subject, policies) : []),
  ];
}

function shadowReads(
  { enforcement, istioNamespace }: PreflightSubject,
  namespaces: Iterable<string>,
): Read[] {
  return enforcement === Enforcement.AuthorizationPolicy
    ? filterReads(namespaces)
    : [istiodRead(istioNamespace)];
}

/** Istio serves them in no other version. */
function filterReads(namespaces: Iterable<string>): Read[] {
  return [...namespaces].map((namespace) => ({
    fact: "envoyFilters",
    verb: "list",
    group: "networking.istio.io",
    version: "v1alpha3",
    resource: "envoyfilters",
    namespace,
  }));
}

function istiodRead(istioNamespace: string): Read {
  return {
    fact: "istiods",
    verb: "list",
    group: "apps",
    version: "v1",
    resource: "deployments",
    namespace: istioNamespace,
    labelSelector: "app=istiod",
  };
}

function registryReads(istioNamespace: string): Read[] {
  const list = { verb: "list", version: "v1" } as const;
  return [
    { fact: "serviceEntries", ...list, group: "networking.istio.io", resource: "serviceentries" },
    istiodRead(istioNamespace),
    {
      fact: "injectionWebhooks",
      ...list,
      group: "admissionregistration.k8s.io",
      resource: "mutatingwebhookconfigurations",
      labelSelector: "app=sidecar-injector",
    },
  ];
}

/** The mesh ConfigMaps that may matter: one for each revision, and the shared ones. */
export function meshReads(istioNamespace: string, names: Iterable<string>): Read[] {
  return [...new Set(names)].map((name) => ({
    fact: "meshConfigMaps",
    verb: "get",
    ...core("configmaps"),
    namespace: istioNamespace,
    name,
  }));
}
