import type { KubeConfig } from "@kubernetes/client-node";
import type { ClusterClient } from "../kubernetes/clusterClient";
import { hasProxy } from "../kubernetes/injection";
import { textAt, type LiveObject } from "../kubernetes/liveObject";
import { grants } from "../kubernetes/rbacRules";
import { RequestFailure } from "../kubernetes/requestFailure";
import { meaning } from "../render/coverage";
import { findWorkloads, type Workload } from "../render/workloads";
import { readAllCounters, type CountersRead } from "./readCounters";
import { Istiod } from "./istiod";
import { judgeWorkload, proxyId, proxyPods } from "./judgeWorkload";
import { livePolicies, neutralPolicies, ownPolicies, type LivePolicy } from "./policies";
import { askAboutProxies, type KnownProxies } from "./proxies";
import { readCluster, type Gap, type ReadCluster } from "./readCluster";
import { exitCodeOf, type StatusReport } from "./report";
import { neutralTarget, targetStatus, workloadStatus, type MeantWorkload } from "./rows";

/** What is looked at, and how. */
export interface StatusOptions {
  /** Only this namespace. */
  readonly namespace?: string;
  /** Only the targets of this component. */
  readonly component?: string;
  /** Addresses of istiods that somebody has made reachable; without any, those in the cluster are reached. */
  readonly istiod?: readonly string[];
  readonly istioNamespace: string;
  /** Whether the counters of the proxies are read. */
  readonly stats?: true;
  /** Told what is under way, on a slow cluster. */
  readonly progress: (text: string) => void;
}

/** Access to a cluster. */
export interface ClusterAccess {
  readonly client: ClusterClient;
  readonly config: KubeConfig;
}

/** Looks at the cluster, at istiod and at the proxies, and writes nothing. */
export async function readStatus(access: ClusterAccess, options: StatusOptions): Promise<StatusReport> {
  const { namespace, istioNamespace, progress } = options;
  progress("reading the cluster");
  const opened = await openIstiods(access, options);
  try {
    const root = await rootNamespace(opened.istiods, istioNamespace);
    // Policies in the root namespace reach all others.
    const namespaces = namespace === undefined ? undefined : [...new Set([namespace, root])];
    const cluster = await readCluster(access.client, namespaces);
    const policies = livePolicies(cluster.objects);
    const meant = meantWorkloads(cluster, policies, root, options);
    const wanted = meant.flatMap(({ proxies }) => [...proxies.values()].flat()).filter(hasProxy);
    const known = await askAboutProxies(opened.istiods, [...new Set(wanted.map(proxyId))], (read, of) => {
      progress(`read the configuration of ${read} of ${of} proxies`);
    });
    const counters =
      options.stats === true ? await readAllCounters(access.config, wanted, progress) : undefined;
    return reportOf(access, options, {
      cluster,
      policies,
      root,
      meant,
      known,
      counters,
      problems: opened.problems,
    });
  } finally {
    for (const istiod of opened.istiods) {
      istiod.close();
    }
  }
}

interface OpenedIstiods {
  readonly istiods: readonly Istiod[];
  readonly problems: readonly string[];
}

async function openIstiods(
  { client, config }: ClusterAccess,
  options: StatusOptions,
): Promise<OpenedIstiods> {
  const { istiod: urls = [], istioNamespace } = options;
  if (urls.length > 0) {
    return { istiods: urls.map((url) => Istiod.at(url)), problems: [] };
  }
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(istioNamespace)}/pods`;
    const pods = await client.list(path, "app=istiod", Infinity);
    const running = pods.filter((pod) => textAt(pod, "status", "phase") === "Running");
    const missing = await missingForward(client, istioNamespace);
    if (missing !== undefined) {
      return { istiods: [], problems: [missing] };
    }
    const istiods = await Promise.all(running.map((pod) => Istiod.inPod(config, pod)));
    return istiods.length > 0 ? { istiods, problems: [] } : { istiods, problems: [noIstiod(istioNamespace)] };
  } catch (error) {
    if (error instanceof RequestFailure) {
      // A list that is not permitted is named with the others.
      return { istiods: [], problems: error.kind === "forbidden" ? [] : [error.message] };
    }
    throw error;
  }
}

function noIstiod(namespace: string): string {
  return (
    `no pod of istiod (label app=istiod) runs in namespace ${namespace}: ` +
    "name its namespace with --istio-namespace, or its address with --istiod"
  );
}

/** The API server answers a refused port-forward without a reason, so the right is asked for first. */
async function missingForward(client: ClusterClient, namespace: string): Promise<string | undefined> {
  // Source: Kubernetes, `AuthorizePodWebsocketUpgradeCreatePermission`: from 1.35 on both are needed.
  const rights = ["get", "create"].map((verb) => ({
    verb,
    group: "",
    resource: "pods/portforward",
    namespace,
  }));
  const allowed = await Promise.all(rights.map((right) => client.may(right)));
  const missing = rights.filter((_, index) => allowed[index] !== true);
  return missing.length === 0
    ? undefined
    : `istiod cannot be reached: ${missing.map(({ verb }) => verb).join(" and ")} pods/portforward is not permitted. ` +
        `Grant, or name it with --istiod,\n${grants(missing.map((right) => ({ ...right, byName: false }))).join("\n")}`;
}

async function rootNamespace(istiods: readonly Istiod[], istioNamespace: string): Promise<string> {
  const named = await Promise.all(
    istiods.map((istiod) =>
      istiod.rootNamespace().catch((error: unknown) => {
        // Whether it answers at all is said of its proxies.
        if (error instanceof RequestFailure) {
          return undefined;
        }
        throw error;
      }),
    ),
  );
  return named.find((name) => name !== undefined && name !== "") ?? istioNamespace;
}

/** The agent's own pods, which no proxy stands before. */
function isAgent({ labels }: Workload): boolean {
  return labels["app.kubernetes.io/component"] === "waf-agent";
}

function meantWorkloads(
  { objects }: ReadCluster,
  policies: readonly LivePolicy[],
  root: string,
  { namespace, component }: StatusOptions,
): MeantWorkload[] {
  const pods = objects.filter(({ kind }) => kind === "Pod").map(({ manifest }) => manifest);
  const own = ownPolicies(policies, component);
  const protections = meaning(
    policies.map(({ protection }) => protection),
    root,
  );
  return findWorkloads(objects, "default")
    .workloads.filter((workload) => !isAgent(workload))
    .filter((workload) => namespace === undefined || workload.namespace === namespace)
    .map((workload) => {
      const ids = new Set(protections(workload).map(({ kind, policy }) => `${kind} ${policy}`));
      const all = policies.filter(({ protection: { kind, policy } }) => ids.has(`${kind} ${policy}`));
      const ours = all.filter((policy) => own.includes(policy));
      const proxies = new Map<LivePolicy, LiveObject[]>(
        ours.map((policy) => [policy, proxyPods(workload, policy, pods)]),
      );
      return { workload, proxies, others: all.filter((policy) => policy.owner === undefined) };
    });
}

interface Looked {
  readonly cluster: ReadCluster;
  readonly policies: readonly LivePolicy[];
  readonly root: string;
  readonly meant: readonly MeantWorkload[];
  readonly known: KnownProxies;
  readonly counters: CountersRead | undefined;
  readonly problems: readonly string[];
}

function reportOf({ client }: ClusterAccess, options: StatusOptions, looked: Looked): StatusReport {
  const { cluster, meant, known, counters, problems } = looked;
  const judged = meant.map((one) => ({
    ...one,
    judgements: [...one.proxies].map(([policy, pods]) =>
      judgeWorkload(one.workload, policy, pods, known.views),
    ),
  }));
  const isIn = ({ protection }: LivePolicy): boolean =>
    options.namespace === undefined ||
    (options.namespace === protection.namespace && protection.namespace !== looked.root);
  const own = ownPolicies(looked.policies, options.component).filter(
    (policy) => isIn(policy) || meant.some(({ proxies }) => proxies.has(policy)),
  );
  const workloads = judged.map((one) => workloadStatus(one, counters));
  const targets = [
    ...own.map((policy) => targetStatus(policy, judged, workloads, cluster.gaps.length > 0)),
    ...neutralPolicies(cluster.objects)
      .filter(({ owner }) => options.component === undefined || options.component === owner.component)
      .filter(({ namespace }) => options.namespace === undefined || options.namespace === namespace)
      .map(neutralTarget),
  ];
  const neededGaps = cluster.gaps.filter(({ isNeeded }) => isNeeded);
  const unanswered = known.istiods.filter(({ problem }) => problem !== null);
  return {
    version: 1,
    cluster: client.address,
    istiods: known.istiods,
    targets,
    workloads,
    gaps: [
      ...problems,
      ...unknownComponent(looked.policies, options),
      ...describeGaps(cluster.gaps),
      ...(counters?.problems ?? []),
    ],
    exitCode: exitCodeOf(targets, neededGaps.length + problems.length + unanswered.length),
  };
}

/** A name that is misspelt must not read as a component without targets. */
function unknownComponent(policies: readonly LivePolicy[], { component }: StatusOptions): string[] {
  const known = [...new Set(policies.flatMap(({ owner }) => owner?.component ?? []))]
    .filter((name) => name !== "")
    .sort();
  return component === undefined || known.includes(component) || known.length === 0
    ? []
    : [`component ${component} has no target there; these have: ${known.join(", ")}`];
}

function describeGaps(gaps: readonly Gap[]): string[] {
  const forbidden = gaps.filter(({ failure }) => failure.kind === "forbidden");
  const rules = grants(forbidden.map(({ right }) => ({ ...right, byName: false })));
  // An API server that does not answer is the reason for all of them.
  const reasons = new Map<string, string[]>();
  for (const { right, failure } of gaps.filter((gap) => !forbidden.includes(gap))) {
    reasons.set(failure.message, [...(reasons.get(failure.message) ?? []), right.resource]);
  }
  return [
    ...[...reasons].map(
      ([reason, resources]) => `could not be listed: ${[...new Set(resources)].join(", ")}: ${reason}`,
    ),
    ...(forbidden.length === 0
      ? []
      : [
          `not permitted: list ${[...new Set(forbidden.map(({ right }) => right.resource))].join(", ")}. Grant\n${rules.join("\n")}`,
        ]),
  ];
}
