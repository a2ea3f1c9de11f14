import type { PlainObject } from "../../stack/apply";
import { fields, items, podTemplateOf, type Fields } from "./podTemplate";

const user = 20_000;
const port = 8080;

/** A workload that no judge has anything against, and what belongs to it. */
export interface ModelWorkload {
  readonly workload: PlainObject;
  readonly companions: readonly PlainObject[];
}

/**
 * Stands in for the workload of somebody else that a patch is meant for: of its kind and name, with the containers and
 * volumes that the patch only names. As nobody finds a fault in it, whatever is found after the patch is the patch's.
 */
export function modelWorkload(patch: PlainObject): ModelWorkload {
  const { apiVersion, kind } = patch;
  const { name, namespace = "default" } = patch.metadata;
  const labels = { app: name };
  const spec = podTemplateOf(withContainers(patch))?.spec ?? {};
  const workload = {
    apiVersion,
    kind,
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      ...(kind !== "DaemonSet" && { replicas: 2 }),
      ...(kind === "StatefulSet" && { serviceName: name }),
      template: { metadata: { labels }, spec: podSpec(spec, labels) },
    },
  };
  return { workload, companions: companions(name, namespace, labels, kind) };
}

/** A patch that adds an init container has no list of containers. */
function withContainers(patch: PlainObject): PlainObject {
  const spec = fields(patch.spec);
  const template = fields(spec.template);
  const podFields = { containers: [], ...fields(template.spec) };
  return { ...patch, spec: { ...spec, template: { ...template, spec: podFields } } };
}

function podSpec(patch: Fields, labels: Fields): Fields {
  const containers = namedOnly(patch.containers);
  const initContainers = namedOnly(patch.initContainers);
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: (containers.length > 0 ? containers : ["app"]).map((name) => ({
      ...container(name),
      ports: [{ containerPort: port, name: "http" }],
      readinessProbe: { httpGet: { path: "/ready", port } },
      livenessProbe: { httpGet: { path: "/alive", port } },
    })),
    ...(initContainers.length > 0 && { initContainers: initContainers.map(container) }),
    volumes: namedOnly(patch.volumes).map((name) => ({ name, emptyDir: { sizeLimit: "16Mi" } })),
    ...apart(labels),
  };
}

/** Pods on different nodes. */
function apart(labels: Fields): Fields {
  const labelSelector = { matchLabels: labels };
  const topologyKey = "kubernetes.io/hostname";
  const podAffinityTerm = { topologyKey, labelSelector };
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
      },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey, whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    ],
  };
}

function container(name: string): Fields {
  const resources = { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" };
  return {
    name,
    image: `registry.example/${name}:1.0.0`,
    imagePullPolicy: "Always",
    resources: { requests: resources, limits: resources },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/** The names of the items that have nothing but a name: those that are there already. */
function namedOnly(list: unknown): string[] {
  return items(list)
    .filter((item) => Object.keys(item).every((key) => key === "name"))
    .map(({ name }) => String(name));
}

function companions(name: string, namespace: string, labels: Fields, kind: string): PlainObject[] {
  const metadata = { name, namespace };
  const selector = { matchLabels: labels };
  const port80 = { name: "http", port: 80, targetPort: "http" };
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: selector, policyTypes: ["Ingress", "Egress"] },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { maxUnavailable: 1, selector },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [port80], ...(kind === "StatefulSet" && { clusterIP: "None" }) },
    },
  ];
}
