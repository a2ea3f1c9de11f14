import { isDeepStrictEqual } from "node:util";
import { Enforcement } from "../../args/integration";
import { configMapNameOf } from "../../settings/mesh";
import { PreflightCheck } from "../../args/preflight";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Finding } from "../finding";
import { revisionTags } from "../istiod";
import { annotationsOf, labelsOf, nameOf } from "../../kubernetes/liveObject";
import { meshOfRevision } from "../meshView";
import type { MeshView } from "../meshView";
import { hasProxy, podsOfTargets } from "../selection";
import type { KnownTarget, PreflightSubject } from "../subject";

/** A revision of Istio and the targets that it serves. */
interface ServedTargets {
  revision: string;
  /** Whether a pod of a target runs with it; else only a label asks for it. */
  runs: boolean;
  targets: string[];
}

/**
 * Whether each revision that serves a target has our provider, and has it as we mean it. A policy reaches the proxies
 * of every revision, the provider only those whose mesh configuration holds it; the others refuse.
 *
 * @param facts - The cluster.
 * @param subject - The component.
 */
export function revisionFindings(facts: ClusterFacts, subject: PreflightSubject): Finding[] {
  if (subject.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  const edited = new Set(subject.meshes.map(({ id }) => id));
  return servedTargets(facts, subject).flatMap((served) => {
    const mesh = meshOfRevision(facts, subject, served.revision);
    const id = `${subject.istioNamespace}/${configMapNameOf(served.revision)}`;
    if (mesh !== undefined) {
      return providerFindings(subject, served, mesh);
    }
    return facts.meshConfigMaps === undefined || edited.has(id) ? [] : [withoutConfigMap(served, id)];
  });
}

function providerFindings(subject: PreflightSubject, served: ServedTargets, mesh: MeshView): Finding[] {
  return subject.providers.flatMap((meant) => {
    const found = mesh.providers.get(meant.name);
    if (isDeepStrictEqual(found, meant)) {
      return [];
    }
    const isAuthorizer = meant.name === subject.extAuthz;
    if (found === undefined) {
      return isAuthorizer ? [missingProvider(subject, served, mesh)] : [];
    }
    return [otherProvider(served, mesh.configMap, meant.name, isAuthorizer)];
  });
}

function missingProvider(
  { extAuthz, meshes }: PreflightSubject,
  { revision, runs, targets }: ServedTargets,
  { configMap, complete }: MeshView,
): Finding {
  // A mesh configuration that is read but lacks the provider after this run is written by somebody else.
  const external = meshes.some(({ id }) => id === configMap);
  return {
    check: PreflightCheck.Revision,
    severity: runs && complete && !external ? "error" : "warning",
    where: targetsNamed(targets),
    message:
      `revision ${revision} of Istio serves it, and its mesh configuration ${configMap} has no provider ${extAuthz}. ` +
      "With the policy in place these workloads would answer 403 to every request that it matches, also with `failOpen`.",
    remedy: external
      ? "Add the entries of the output `extensionProviders` to the mesh configuration first."
      : `Add "${revision}" to \`mesh.revisions\`, or move the workloads to a revision that is listed there.`,
  };
}

function otherProvider(
  { revision, targets }: ServedTargets,
  configMap: string,
  name: string,
  isAuthorizer: boolean,
): Finding {
  return {
    check: PreflightCheck.Provider,
    severity: isAuthorizer ? "error" : "warning",
    where: targetsNamed(targets),
    message:
      `for revision ${revision} Istio would take another provider ${name} than the one that is meant, from ` +
      `${configMap} or its shared mesh configuration: ${isAuthorizer ? "requests" : "access logs"} would go ` +
      "elsewhere or be handled in another way.",
    remedy: "Make the entries equal, remove the other one, or choose other names with `mesh.providerNames`.",
  };
}

function withoutConfigMap({ revision, targets }: ServedTargets, id: string): Finding {
  return {
    check: PreflightCheck.Revision,
    severity: "warning",
    where: targetsNamed(targets),
    message:
      `its proxies ask for revision ${revision}, for which there is no ConfigMap ${id} and no known tag. Proxies of ` +
      "a mesh without the provider would answer 403 to every request that the policy matches.",
    remedy: "Check the label `istio.io/rev`, or list the revision behind it in `mesh.revisions`.",
  };
}

function targetsNamed(targets: readonly string[]): string {
  return `${targets.length === 1 ? "target" : "targets"} ${named(targets)}`;
}

function servedTargets(facts: ClusterFacts, subject: PreflightSubject): ServedTargets[] {
  const pods = podsOfTargets(facts, subject);
  const served = new Map<string, ServedTargets>();
  for (const target of subject.targets.filter(({ targetRefs }) => targetRefs === undefined)) {
    const running = (pods?.get(target) ?? []).filter(hasProxy);
    const revisions = new Set(
      running.map((pod) => annotationsOf(pod)["istio.io/rev"]).filter((revision) => revision !== undefined),
    );
    const asked = running.length > 0 ? undefined : askedRevision(facts, target);
    for (const revision of asked === undefined ? revisions : [asked]) {
      const entry = served.get(revision) ?? { revision, runs: false, targets: [] };
      entry.runs ||= asked === undefined;
      entry.targets.push(target.name);
      served.set(revision, entry);
    }
  }
  return [...served.values()];
}

/** The revision that the namespace asks for, when no pod says which one injected it. */
function askedRevision(facts: ClusterFacts, { namespace, matchLabels }: KnownTarget): string | undefined {
  const object = facts.namespaces?.find((one) => nameOf(one) === namespace);
  const labels = object === undefined ? {} : labelsOf(object);
  const asked =
    matchLabels?.["istio.io/rev"] ??
    labels["istio.io/rev"] ??
    (labels["istio-injection"] === "enabled" ? "default" : undefined);
  return asked === undefined ? undefined : (revisionTags(facts).get(asked) ?? asked);
}
