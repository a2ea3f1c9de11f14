import { Enforcement } from "../args/integration";
import { configMapNameOf } from "../settings/mesh";
import type { PreflightCheck } from "../args/preflight";
import type { ClusterFacts, ListedObjects } from "./clusterFacts";
import { isNeeded } from "./checks";
import { RequestFailure } from "../kubernetes/requestFailure";
import type { ClusterClient } from "../kubernetes/clusterClient";
import { grants } from "../kubernetes/rbacRules";
import { revisionOf, revisionTags, sharedMeshOf } from "./istiod";
import { annotationsOf, labelsOf } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { meshReads, pathOf, plannedReads } from "./reads";
import type { Read } from "./reads";
import type { PreflightSubject } from "./subject";

/** A read that gave nothing, and why. */
export interface Gap {
  /** The read. */
  read: Read;
  /** Why. */
  failure: RequestFailure;
}

/** What was read, and what was not. */
export interface ReadCluster {
  /** What is known now. */
  facts: ClusterFacts;
  /** What is not. */
  gaps: Gap[];
}

/**
 * Reads what the checks need, all of it at once; only the mesh ConfigMaps of other revisions follow, once these are
 * known. A fact of which any part could not be read is left out: half of it would mislead.
 */
export async function readFacts(
  client: Pick<ClusterClient, "get" | "list">,
  subject: PreflightSubject,
  ignored: readonly PreflightCheck[] = [],
): Promise<ReadCluster> {
  // The root namespace, which decides whom a target means, stands there.
  const isMeant = subject.enforcement === Enforcement.AuthorizationPolicy || subject.shadowed.length > 0;
  const readsMesh = isMeant && isNeeded("meshConfigMaps", ignored);
  const meshes = readsMesh ? meshReads(subject.istioNamespace, [configMapNameOf("default")]) : [];
  const { facts, gaps } = await readAll(client, [...plannedReads(subject, ignored), ...meshes]);
  const others = new Set(meshNames(facts, subject));
  others.delete(configMapNameOf("default"));
  if (facts.meshConfigMaps === undefined || others.size === 0) {
    return { facts, gaps };
  }
  const more = await readAll(client, meshReads(subject.istioNamespace, others));
  const meshConfigMaps = more.facts.meshConfigMaps && [...facts.meshConfigMaps, ...more.facts.meshConfigMaps];
  return { facts: { ...facts, meshConfigMaps }, gaps: [...gaps, ...more.gaps] };
}

/** Names of the ConfigMaps of every revision that anything speaks of. */
function meshNames(facts: ClusterFacts, subject: PreflightSubject): string[] {
  const { istiods = [], pods = [], namespaces = [] } = facts;
  const shared = istiods.flatMap((istiod) => {
    const variable = sharedMeshOf(istiod, subject);
    return "configMap" in variable ? [variable.configMap] : [];
  });
  const asked = [...namespaces, ...pods].map((object) => labelsOf(object)["istio.io/rev"]);
  const running = pods.map((pod) => annotationsOf(pod)["istio.io/rev"]);
  const revisions = [
    ...istiods.map(revisionOf),
    ...revisionTags(facts).values(),
    ...[...asked, ...running].filter((name) => name !== undefined && name !== ""),
  ].flatMap((name) => name ?? []);
  return [...revisions.map(configMapNameOf), ...shared];
}

async function readAll(
  client: Pick<ClusterClient, "get" | "list">,
  reads: readonly Read[],
): Promise<ReadCluster> {
  const found = new Map<keyof ListedObjects, LiveObject[]>();
  const gaps: Gap[] = [];
  const readInto = async (read: Read): Promise<void> => {
    const known = found.get(read.fact) ?? [];
    found.set(read.fact, known);
    try {
      known.push(...(await readOne(client, read)));
    } catch (error) {
      if (!(error instanceof RequestFailure)) {
        throw error;
      }
      gaps.push({ read, failure: error });
    }
  };
  await Promise.all(reads.map(readInto));
  // Answers come in any order; what is said of them does not.
  gaps.sort((one, other) => reads.indexOf(one.read) - reads.indexOf(other.read));
  for (const { read } of gaps) {
    found.delete(read.fact);
  }
  return { facts: Object.fromEntries(found), gaps };
}

async function readOne(client: Pick<ClusterClient, "get" | "list">, read: Read): Promise<LiveObject[]> {
  if (read.verb === "list") {
    return client.list(pathOf(read), read.labelSelector);
  }
  const object = await client.get(pathOf(read), read.metadata);
  return object === undefined ? [] : [object];
}

/** What could not be read, with what to grant; undefined when everything was read. */
export function describeGaps(gaps: readonly Gap[]): string | undefined {
  const [first] = gaps;
  if (first === undefined) {
    return undefined;
  }
  const forbidden = gaps.filter(({ failure }) => failure.kind === "forbidden");
  const other = gaps.find(({ failure }) => failure.kind !== "forbidden");
  if (other !== undefined) {
    const resources = new Set(gaps.map(({ read }) => read.resource));
    return `preflight looked at a part only, ${other.failure.message}: not read are ${[...resources].sort().join(", ")}.`;
  }
  const missing = forbidden.map(({ read }) => ({ ...read, byName: false }));
  return (
    `preflight looked at a part only, it may not read all of it. Grant\n${grants(missing).join("\n")}\n` +
    "    or name the checks in `preflight.ignore`."
  );
}
