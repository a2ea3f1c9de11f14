import { hasProxy, injectionOf, runsGateway, sidecarCapture, type Injection } from "../kubernetes/injection";
import type { ClusterObject } from "./clusterObjects";
import type { InboundCapture } from "../kubernetes/inboundCapture";
import { labelsOf, type LiveObject } from "../kubernetes/liveObject";
import { carriesAgent } from "../preflight/agentPods";
import { isRecord } from "../pulumi/inputs";
import { findPodSources, type LeftOut } from "./podSources";
import { routingIn, waysTo, type Way } from "./policyReferences";

/** Something that runs pods, as its manifest describes it. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** labels of its pods */
  readonly labels: Readonly<Record<string, string>>;
  /** whether its pods are described with an agent in them */
  readonly carriesAgent: boolean;
  readonly injection: Injection;
  /** whether its proxy is a gateway's; undefined when that cannot be told */
  readonly isGateway: boolean | undefined;
  /** which requests its sidecar sees, if it has one */
  readonly capture: InboundCapture;
  /** how many of its pods are given, and the names of those without the sidecar that they would get now */
  readonly pods: { readonly count: number; readonly bare: readonly string[] };
  /** its pods, as far as they are given; a pod by itself is its own */
  readonly running: readonly LiveObject[];
  /** how requests come to it */
  readonly ways: readonly Way[];
}

/** The workloads among manifest objects, and those of which nothing can be said. */
export interface Workloads {
  readonly workloads: readonly Workload[];
  readonly leftOut: readonly LeftOut[];
  /** namespaces that are taken to ask for sidecars, as nothing is known of them, where it matters */
  readonly assumed: readonly string[];
}

/**
 * Finds what runs pods among manifest objects, and how its pods get a proxy. Labels of Namespace manifests among the
 * objects count too, and so do the selectors of Istio's injection webhooks.
 * @param defaultNamespace of manifests that name none
 */
export function findWorkloads(objects: readonly ClusterObject[], defaultNamespace: string): Workloads {
  const routing = routingIn(objects, defaultNamespace);
  const webhooks = objects
    .filter(({ kind }) => kind === "MutatingWebhookConfiguration")
    .map(({ manifest }) => manifest);
  const { sources, leftOut } = findPodSources(objects, defaultNamespace);
  const assumed = new Set<string>();
  const workloads = sources.map((source) => {
    const { namespace, name, kind, labels, template } = source;
    const known = routing.namespaces.get(namespace);
    const namespaceLabels = known === undefined ? undefined : labelsOf(known);
    const injection = injectionOf(template, namespace, namespaceLabels, webhooks);
    if (namespaceLabels === undefined && injection.proxy === "sidecar" && !hasProxy(template)) {
      assumed.add(namespace);
    }
    const capture = sidecarCapture(template);
    const bare =
      injection.proxy === "sidecar" ? source.pods.filter(({ manifest }) => !hasProxy(manifest)) : [];
    const pods = { count: source.pods.length, bare: bare.map((pod) => pod.name) };
    return {
      namespace,
      name,
      kind,
      labels,
      carriesAgent: carriesAgent(template),
      injection,
      isGateway: runsGateway(template),
      capture,
      pods,
      running:
        kind === "Pod" && isRecord(template) ? [template] : source.pods.map(({ manifest }) => manifest),
      ways: waysTo(source, injection, routing),
    };
  });
  return { workloads, leftOut, assumed: [...assumed] };
}
