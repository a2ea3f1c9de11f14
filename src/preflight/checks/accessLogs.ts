import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named, targetsNamed } from "../finding";
import type { Found } from "../finding";
import { TargetKind } from "../../args/targets";
import { at, idOf, listAt, namespaceOf, textAt, textMapAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { accessLogsOf, logsWithoutProvider } from "../../mesh/accessLogs";
import { meshesOf, rootNamespaceOf } from "../meshView";
import { proxiesOfTarget } from "../../enforcement/proxySelection";
import { liveOverlap, proxiesOfPolicy } from "../overlap";
import { ownPolicies } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";

/**
 * What the Telemetry of a target changes in the access logs of its workloads: it takes the place of what the namespace
 * or the mesh say. Source: Istio, `mergeLogs` in `pilot/pkg/model/telemetry.go`.
 */
export const accessLogs: Check = {
  check: PreflightCheck.AccessLogs,
  title: "No access log is lost or switched on by the Telemetry of a target.",
  needs: ["telemetries", "pods", "istiods", "meshConfigMaps"],
  docs: "accesslogs",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { accessLog } = subject;
  const { telemetries } = facts;
  if (accessLog === undefined || telemetries === undefined) {
    return [];
  }
  const ours = ownPolicies(subject);
  const foreign = telemetries.filter(
    (telemetry) => !ours.has(idOf(telemetry)) && listAt(telemetry, "spec", "accessLogging").length > 0,
  );
  const root = rootNamespaceOf(facts, subject);
  const [mesh] = meshesOf(facts, subject);
  return [
    ...subject.targets.flatMap((target) => sameWorkloads(facts, target, foreign, root)),
    ...(mesh === undefined
      ? []
      : changedLogs(subject.targets, {
          accessLog,
          kept: subject.keptAccessLogs,
          root,
          meshLogs: accessLogsOf(mesh.config),
          nameless: logsWithoutProvider(mesh.config),
          telemetries: foreign,
        })),
  ];
}

/** Two Telemetry resources for one workload: the newer one decides, so the agent or the other log would get nothing. */
function sameWorkloads(
  facts: ClusterFacts,
  target: KnownTarget,
  telemetries: readonly LiveObject[],
  root: string,
): Found[] {
  return telemetries
    .filter((telemetry) => namespaceOf(telemetry) === target.namespace && !isNamespaceWide(telemetry))
    .filter(
      (telemetry) =>
        liveOverlap(facts, proxiesOfTarget(target), proxiesOfPolicy(telemetry), root) === "certain",
    )
    .map((telemetry) => ({
      severity: "warning",
      where: `target ${target.name}`,
      message:
        `Telemetry ${idOf(telemetry)} sets access logs for the same workloads. Istio follows the newest one only: either ` +
        "the agent would see no responses, or that log would stop.",
      remedy:
        "Move its access logs into the other one's place: name its providers in `inspection.keepAccessLogProviders` " +
        "and remove `accessLogging` there.",
    }));
}

/** What decides about the logs of targets. */
export interface LogContext {
  /** Name of our access log. */
  accessLog: string;
  /** What the targets keep besides. */
  kept: readonly string[];
  /** Istio's root namespace. */
  root: string;
  /** The logs that the mesh writes where no Telemetry says otherwise. */
  meshLogs: readonly string[];
  /** The logs of the mesh beside them that no Telemetry can name. */
  nameless: readonly string[];
  /** The Telemetry resources of others that set access logs. */
  telemetries: readonly LiveObject[];
}

interface Change {
  lost: string[];
  added: string[];
  targets: string[];
}

/** What is said of logs that targets would lose, or that would be switched on for them. */
export function changedLogs(targets: readonly KnownTarget[], context: LogContext): Found[] {
  const { accessLog } = context;
  const changes = new Map<string, Change>();
  const kept = context.kept.filter((name) => name !== accessLog);
  for (const target of targets) {
    const before = inheritedLogs(context, target);
    const lost = before.filter((name) => name !== accessLog && !kept.includes(name));
    const added = kept.filter((name) => !before.includes(name));
    const key = JSON.stringify([lost, added]);
    const change = changes.get(key) ?? { lost, added, targets: [] };
    change.targets.push(target.name);
    changes.set(key, change);
  }
  return [...changes.values()]
    .flatMap((change) => describeChange(change))
    .concat(namelessLost(targets, context));
}

/** The mesh's own settings are in force where no Telemetry of others is. */
function namelessLost(targets: readonly KnownTarget[], context: LogContext): Found[] {
  const { nameless, telemetries, root, kept, meshLogs } = context;
  // A provider that is kept besides is taken for the one that writes that log.
  if (kept.some((name) => !meshLogs.includes(name))) {
    return [];
  }
  const losing = targets.filter(({ namespace }) =>
    telemetries.every((one) => ![root, namespace].includes(namespaceOf(one)) || !isNamespaceWide(one)),
  );
  return losing.length === 0
    ? []
    : nameless.map((setting) => ({
        severity: "warning",
        where: targetsNamed(losing.map(({ name }) => name)),
        message:
          `its workloads would no longer write the access log of \`${setting}\` in the mesh configuration: a Telemetry ` +
          "replaces it, and can name providers only.",
        remedy:
          "Define an extension provider for that log, and name it in `inspection.keepAccessLogProviders`.",
      }));
}

function describeChange({ lost, added, targets }: Change): Found[] {
  const where = targetsNamed(targets);
  const base = { severity: "warning", where } as const;
  return [
    ...(lost.length === 0
      ? []
      : [
          {
            ...base,
            message: `its workloads would no longer write to the access log ${named(lost)}: a Telemetry replaces what it inherits.`,
            remedy: `Add ${lost.map((name) => `"${name}"`).join(", ")} to \`inspection.keepAccessLogProviders\`.`,
          },
        ]),
    ...(added.length === 0
      ? []
      : [
          {
            ...base,
            message: `the access log ${named(added)} is not in use there, and would be switched on for its workloads.`,
            remedy:
              "If that is not meant, set `inspection.keepAccessLogProviders` to the logs in use, or to `[]`.",
          },
        ]),
  ];
}

/** The logs of a target without our Telemetry: those of the namespace, else of the root namespace, else of the mesh. */
function inheritedLogs({ root, meshLogs, telemetries }: LogContext, target: KnownTarget): string[] {
  const mode = target.kind === TargetKind.Gateway ? "CLIENT" : "SERVER";
  let names = [...meshLogs];
  for (const namespace of new Set([root, target.namespace])) {
    const [oldest] = telemetries
      .filter((telemetry) => namespaceOf(telemetry) === namespace && isNamespaceWide(telemetry))
      .sort((one, other) => (createdAt(one) < createdAt(other) ? -1 : 1));
    const entries = listAt(oldest, "spec", "accessLogging").filter((entry) =>
      [undefined, "CLIENT_AND_SERVER", mode].includes(textAt(entry, "match", "mode")),
    );
    const off = entries.some((entry) => at(entry, "disabled") === true);
    const given = entries.flatMap((entry) => providerNames(entry));
    if (given.length > 0) {
      names = [...new Set(given)];
    }
    if (off) {
      const disabled = entries
        .filter((entry) => at(entry, "disabled") === true)
        .flatMap((entry) => (providerNames(entry).length === 0 ? names : providerNames(entry)));
      names = names.filter((name) => !disabled.includes(name));
    }
  }
  return names;
}

function providerNames(entry: unknown): string[] {
  return listAt(entry, "providers").flatMap((provider) => textAt(provider, "name") ?? []);
}

function createdAt(telemetry: LiveObject): string {
  return textAt(telemetry, "metadata", "creationTimestamp") ?? "";
}

function isNamespaceWide(telemetry: LiveObject): boolean {
  const labels = textMapAt(telemetry, "spec", "selector", "matchLabels");
  const references = [...listAt(telemetry, "spec", "targetRefs"), at(telemetry, "spec", "targetRef")];
  return Object.keys(labels).length === 0 && references.every((reference) => reference === undefined);
}
