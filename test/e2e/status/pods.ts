import { AppsV1Api, KubeConfig } from "@kubernetes/client-node";
import { nodes, type ProxyIdentity } from "../datapath/envoyBootstrap";
import type { Manifest } from "../datapath/mesh";
import { applyObjects } from "../stack/apply";

type Labels = Readonly<Record<string, string>>;

const app = { name: "app", image: "app" };

/** A pod as Istio's injector leaves it, with a native sidecar; a gateway's has the proxy alone. */
export function proxyPod({ pod, namespace, labels, role }: ProxyIdentity): Manifest {
  const proxy = {
    name: "istio-proxy",
    image: "proxyv2",
    args: ["proxy", role === "gateway" ? "router" : "sidecar"],
  };
  const containers =
    role === "gateway"
      ? { containers: [proxy] }
      : { containers: [app], initContainers: [{ ...proxy, restartPolicy: "Always" }] };
  const annotations = { "sidecar.istio.io/status": '{"revision":"default"}' };
  return podOf(pod, namespace, labels, containers, annotations);
}

/** A pod that has its proxy and the agent beside it, which serves ext_authz alone. */
export function podWithAgent(proxy: ProxyIdentity): Manifest {
  return withAgent(proxy, []);
}

/** A pod that has its proxy and an agent that serves external processing. */
export function podWithStreams(proxy: ProxyIdentity): Manifest {
  return withAgent(proxy, [{ name: "SIGSCI_ENVOY_EXTPROC_ENABLED", value: "true" }]);
}

function withAgent(proxy: ProxyIdentity, options: readonly object[]): Manifest {
  const { metadata, spec, ...rest } = proxyPod(proxy) as Manifest & { spec: { initContainers: object[] } };
  const env = [{ name: "SIGSCI_RPC_ADDRESS", value: "127.0.0.1:9999" }, ...options];
  const agent = { name: "sigsci-agent", image: "agent", restartPolicy: "Always", env };
  return { ...rest, metadata, spec: { ...spec, initContainers: [...spec.initContainers, agent] } };
}

/** A pod without a proxy. */
export function plainPod({ pod, namespace, labels }: ProxyIdentity): Manifest {
  return podOf(pod, namespace, labels, { containers: [app] });
}

/** The pod of an istiod that this machine runs. */
export function istiodPod(name: string): Manifest {
  const labels = { app: "istiod", "istio.io/rev": "default" };
  return podOf(name, "istio-system", labels, { containers: [{ name: "discovery", image: "pilot" }] });
}

/** A Deployment; no controller runs that would make its pods. */
export function deploymentOf(name: string, namespace: string, labels: Labels): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: templateOf(labels),
  };
}

/** The ReplicaSet of a Deployment. */
export function replicaSet(deployment: string, namespace: string, labels: Labels): Manifest {
  const metadata = { name: `${deployment}-5d9c`, namespace };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec: templateOf(labels) };
}

/**
 * Writes the ReplicaSet of a Deployment.
 *
 * @returns what the metadata of its pods say of it
 */
export async function writeReplicaSet(
  kubeconfig: string,
  deployment: string,
  namespace: string,
  labels: Labels,
): Promise<{ ownerReferences: object[] }> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(AppsV1Api);
  const { metadata: owner } = await api.readNamespacedDeployment({ name: deployment, namespace });
  const { metadata, ...rest } = replicaSet(deployment, namespace, labels);
  const owned = { ...metadata, ...ownedBy("Deployment", deployment, owner?.uid) };
  await applyObjects(kubeconfig, [{ ...rest, metadata: owned }]);
  const { name } = metadata;
  const { metadata: written } = await api.readNamespacedReplicaSet({ name, namespace });
  return ownedBy("ReplicaSet", name, written?.uid);
}

function ownedBy(kind: string, name: string, uid = ""): { ownerReferences: object[] } {
  return { ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid, controller: true }] };
}

function templateOf(labels: Labels): object {
  return {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [app] } },
  };
}

function podOf(
  name: string,
  namespace: string,
  labels: Labels,
  containers: object,
  annotations: Labels = {},
): Manifest {
  // Typed as what the API server wants of a pod's metadata, which is more than the other objects have.
  const metadata = { name, namespace, labels: { ...labels }, annotations };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { nodeName: nodes.first, ...containers } };
}
