import { Enforcement, Placement } from "../../src/args/integration";
import type { LiveObject } from "../../src/kubernetes/liveObject";
import type { Check } from "../../src/preflight/check";
import type { ClusterFacts } from "../../src/preflight/clusterFacts";
import type { Finding } from "../../src/preflight/finding";
import type { KnownTarget, PreflightSubject } from "../../src/preflight/subject";

/** Host of the agent in {@link subject}. */
export const agentHost = "waf-agent.sigsci.svc.cluster.local";

/** The two entries of {@link subject} in the mesh configuration. */
export const providers = [
  {
    name: "waf-ext-authz",
    envoyExtAuthzGrpc: { service: agentHost, port: 9999, timeout: "200ms", failOpen: true },
  },
  {
    name: "waf-access-log",
    envoyHttpAls: {
      service: agentHost,
      port: 9999,
      additionalRequestHeadersToLog: [],
      additionalResponseHeadersToLog: [],
    },
  },
];

/** A mesh text that holds both providers. */
export const editedText = `accessLogFile: /dev/stdout\nextensionProviders: ${JSON.stringify(providers)}\n`;

/** The target of {@link subject}. */
export const storefront: KnownTarget = { name: "storefront", namespace: "shop", matchLabels: { app: "web" } };

/** A component with one target and every default. */
export function subject(changes: Partial<PreflightSubject> = {}): PreflightSubject {
  return {
    name: "waf",
    placement: Placement.Service,
    enforcement: Enforcement.AuthorizationPolicy,
    failOpen: true,
    sendsBodies: true,
    agent: { namespace: "sigsci", namespaceLabels: {}, host: agentHost, port: 9999 },
    clusterDomain: "cluster.local",
    istioNamespace: "istio-system",
    editsMesh: true,
    meshes: [{ id: "istio-system/istio", text: editedText }],
    istiodPatch: undefined,
    providers,
    extAuthz: "waf-ext-authz",
    accessLog: "waf-access-log",
    keptAccessLogs: ["envoy"],
    targets: [storefront],
    shadowed: [],
    otherTargets: [],
    admission: { injects: false, guards: false, excludedPods: [] },
    existingSecret: undefined,
    ...changes,
  };
}

interface Meta {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
}

/** An object with a spec, as it is listed. */
export function object(id: string, spec: unknown = {}, meta: Meta = {}): LiveObject {
  const [namespace, name] = id.split("/");
  return { metadata: { namespace, name, ...meta }, spec };
}

/** A namespace. */
export function namespace(name: string, labels: Record<string, string> = {}): LiveObject {
  return { metadata: { name, labels } };
}

/** A running pod with Istio's proxy. */
export function pod(
  id: string,
  labels: Record<string, string>,
  revision = "default",
  containers = ["web"],
): LiveObject {
  const names = [...containers, "istio-proxy"];
  return object(
    id,
    { containers: names.map((name) => ({ name })) },
    { labels, annotations: { "istio.io/rev": revision } },
  );
}

/** A CUSTOM AuthorizationPolicy. */
export function customPolicy(id: string, provider: string, matchLabels?: Record<string, string>): LiveObject {
  return object(id, {
    action: "CUSTOM",
    provider: { name: provider },
    rules: [{}],
    ...(matchLabels && { selector: { matchLabels } }),
  });
}

/** istiod's Deployment. */
export function istiod(
  env: Record<string, string> = {},
  { revision = "default", args = ["discovery", "--domain", "cluster.local"], envFrom = [] as string[] } = {},
): LiveObject {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  const sources = envFrom.map((name) => ({ configMapRef: { name } }));
  return object(
    "istio-system/istiod",
    { template: { spec: { containers: [{ name: "discovery", args, env: variables, envFrom: sources }] } } },
    { labels: { app: "istiod", "istio.io/rev": revision } },
  );
}

/** A mesh ConfigMap. */
export function meshConfigMap(name: string, mesh: string): LiveObject {
  return { metadata: { namespace: "istio-system", name }, data: { mesh } };
}

/** What checks find, without the place in the docs, which one test compares for all. */
export function findings(
  checks: readonly Check[],
  facts: ClusterFacts,
  component: PreflightSubject,
): Omit<Finding, "docs">[] {
  return checks.flatMap(({ check, find }) => find(facts, component).map((found) => ({ check, ...found })));
}
