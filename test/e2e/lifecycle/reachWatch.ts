import { setTimeout as delay } from "node:timers/promises";
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubeConfig,
} from "@kubernetes/client-node";
import type { V1Endpoint, V1Pod, V1Service } from "@kubernetes/client-node";
import { parse } from "yaml";

const pauseMilliseconds = 50;

/** How long proxies may still ask the agent of a configuration that was replaced: istiod's push takes a moment. */
const pushMilliseconds = 1_000;

/** A watch over whether the proxies have an agent to ask. */
export interface ReachWatch {
  /** Ends the watch. */
  stop(): Promise<void>;
  /** How often it has looked. */
  readonly looks: number;
  /** What was missing, each thing once, in the order in which it was seen. */
  readonly gaps: readonly string[];
}

/** Whom a watch is about. */
export interface ReachOf {
  /** What tells the proxies whom to ask: an external authorizer of the mesh configuration, or an EnvoyFilter. */
  readonly asks: { readonly provider: string } | { readonly envoyFilter: string };
  /** The protected Deployment. */
  readonly workload: { readonly namespace: string; readonly name: string };
}

/**
 * Looks again and again where the proxies are sent, or were until a moment ago, and whether an agent is there: behind
 * the Service, on the node of each protected pod when the Service keeps to the node, or in each protected pod.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 * @param of - Whom it is about.
 */
export function watchReach(kubeconfig: string, of: ReachOf): ReachWatch {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const reach = new Reach(config, of);
  const gaps: string[] = [];
  const state = { stopping: false, looks: 0 };
  let failure: unknown;
  const loop = (async (): Promise<void> => {
    while (!state.stopping) {
      const found = await reach.gaps();
      state.looks += 1;
      gaps.push(...found.filter((gap) => !gaps.includes(gap)));
      await delay(pauseMilliseconds);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  return {
    gaps,
    get looks() {
      return state.looks;
    },
    stop: async () => {
      state.stopping = true;
      await loop;
      if (failure !== undefined) {
        throw new Error("The watch over the agents failed", { cause: failure });
      }
    },
  };
}

class Reach {
  private readonly core: CoreV1Api;
  private readonly apps: AppsV1Api;
  private readonly discovery: DiscoveryV1Api;
  private readonly custom: CustomObjectsApi;
  /** When the proxies were last told to ask at a host. */
  private readonly told = new Map<string, number>();

  constructor(
    config: KubeConfig,
    private readonly of: ReachOf,
  ) {
    this.core = config.makeApiClient(CoreV1Api);
    this.apps = config.makeApiClient(AppsV1Api);
    this.discovery = config.makeApiClient(DiscoveryV1Api);
    this.custom = config.makeApiClient(CustomObjectsApi);
  }

  /** What is missing. */
  async gaps(): Promise<string[]> {
    const host = await this.host();
    if (host !== undefined) {
      this.told.set(host, Date.now());
    }
    const gaps: string[] = [];
    for (const [asked, lastTold] of this.told) {
      const isInPods = asked.endsWith(".sidecar.internal") || asked === "127.0.0.1";
      const gap = isInPods ? await this.gapInPods() : await this.gapBehind(asked);
      // The reads are not one moment: what was seen counts only if it still was too early.
      if (gap !== undefined && Date.now() - lastTold < pushMilliseconds) {
        gaps.push(gap);
      }
    }
    return gaps;
  }

  /** Where the proxies find the agent; undefined before they are told. */
  private host(): Promise<string | undefined> {
    const { asks } = this.of;
    return "provider" in asks ? this.hostOfProvider(asks.provider) : this.hostOfFilter(asks.envoyFilter);
  }

  private async hostOfProvider(provider: string): Promise<string | undefined> {
    const { data } = await this.core.readNamespacedConfigMap({ name: "istio", namespace: "istio-system" });
    // The text of Istio's mesh configuration, in which only these fields are read.
    const mesh = parse(data?.mesh ?? "") as { extensionProviders?: Provider[] } | null;
    const found = mesh?.extensionProviders?.find(({ name }) => name === provider);
    return found?.envoyExtAuthzGrpc?.service;
  }

  private async hostOfFilter(name: string): Promise<string | undefined> {
    const kind = { group: "networking.istio.io", version: "v1alpha3", plural: "envoyfilters" };
    const { namespace } = this.of.workload;
    const filter: unknown = await found(() =>
      this.custom.getNamespacedCustomObject({ ...kind, namespace, name }),
    );
    const text = JSON.stringify(filter ?? {});
    return /outbound\|9999\|\|([a-z0-9.-]+)/.exec(text)?.[1] ?? /127\.0\.0\.1/.exec(text)?.[0];
  }

  private async gapBehind(host: string): Promise<string | undefined> {
    const [name = "", namespace = ""] = host.split(".");
    const service = await found(() => this.core.readNamespacedService({ name, namespace }));
    if (service === undefined) {
      return `no Service ${namespace}/${name}`;
    }
    const nodes = await this.agentNodes(namespace, name);
    if (nodes.length === 0) {
      return `no agent behind ${describeService(service)}`;
    }
    if (service.spec?.internalTrafficPolicy !== "Local") {
      return undefined;
    }
    const without = (await this.protectedPods()).filter(({ spec }) => !nodes.includes(spec?.nodeName));
    return without.length === 0 ? undefined : `no agent on the node of ${without.length} protected pods`;
  }

  /** The nodes of the ready endpoints of a Service. */
  private async agentNodes(namespace: string, service: string): Promise<(string | undefined)[]> {
    const labelSelector = `kubernetes.io/service-name=${service}`;
    const { items } = await this.discovery.listNamespacedEndpointSlice({ namespace, labelSelector });
    return (
      items
        // Of a slice without endpoints the API server sends null, whatever the type says.
        .flatMap((slice: { endpoints: V1Endpoint[] | null }) => slice.endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready === true)
        .map(({ nodeName }) => nodeName)
    );
  }

  private async gapInPods(): Promise<string | undefined> {
    const without = (await this.protectedPods()).filter(({ spec }) => {
      const names = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name);
      return !names.includes("sigsci-agent");
    });
    return without.length === 0 ? undefined : `no agent in ${without.length} protected pods`;
  }

  /** The pods of the protected Deployment that answer requests. */
  private async protectedPods(): Promise<V1Pod[]> {
    const { namespace } = this.of.workload;
    const deployment = await this.apps.readNamespacedDeployment(this.of.workload);
    const labelSelector = Object.entries(deployment.spec?.selector.matchLabels ?? {})
      .map(([label, value]) => `${label}=${value}`)
      .join(",");
    const { items } = await this.core.listNamespacedPod({ namespace, labelSelector });
    return items.filter(({ metadata, status }) => {
      const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
      return metadata?.deletionTimestamp === undefined && ready === true;
    });
  }
}

interface Provider {
  readonly name?: string;
  readonly envoyExtAuthzGrpc?: { readonly service?: string };
}

function describeService({ metadata, spec }: V1Service): string {
  return `Service ${metadata?.name ?? ""} (${spec?.internalTrafficPolicy})`;
}

async function found<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) {
      return undefined;
    }
    throw error;
  }
}
