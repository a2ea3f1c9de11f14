import { exceptExcluded, type RenderReport, type ReportedPolicy, type ReportedWorkload } from "./report";
import { changedPaths } from "./changedPaths";
import { dangers, type Danger } from "./danger";
import { extentChange } from "./requestExtent";
import { changedMeshes, type ChangedMesh } from "./meshDifference";

/** How inspection changes. */
export type InspectionChange = "lost" | "narrowed" | "observed" | "closed" | "gained" | "changed";

/** What is known of a workload, or of a target, on one side. */
export interface InspectionSide {
  /** Whether at least some requests are inspected. */
  readonly isInspected: boolean;
  /** Which ones, or why none, for people. */
  readonly requests: string;
  /** `AuthorizationPolicy`, `EnvoyFilter`, or both. */
  readonly enforcement: string | null;
  /** Whether none of them is blocked, whatever the agent answers. */
  readonly isObserved: boolean;
  /** Whether requests pass when the agent does not answer; null when that is not known. */
  readonly failOpen: boolean | null;
  /** Whether their bodies are inspected too; null when that is not known. */
  readonly sendsBodies: boolean | null;
  /** What a target selects; null for a workload. */
  readonly selects: string | null;
}

/** A workload, or a target, whose inspection changes. */
export interface ChangedInspection {
  /** `<namespace>/<name>` of a workload, `<component>/<target>` of a target, both names where that has another one now. */
  readonly name: string;
  /** Kind of the workload, or `target`. */
  readonly kind: string;
  readonly change: InspectionChange;
  /** Null where it was not there. */
  readonly before: InspectionSide | null;
  /** Null where it is no longer there. */
  readonly after: InspectionSide | null;
}

/** An object that is added, changed or removed. */
export interface ChangedObject {
  readonly change: "added" | "changed" | "removed";
  readonly kind: string;
  /** `<namespace>/<name>`, or the logical name of what is no Kubernetes object. */
  readonly object: string;
  /** Paths of the fields that change, at most a few. */
  readonly fields: readonly string[];
}

/** What a program does otherwise than the one it is compared with. */
export interface Difference {
  /** What was compared with: a git ref, a folder or a file. */
  readonly base: string;
  /** The dangers that there are, the worst first. */
  readonly dangers: readonly Danger[];
  /** The worst first. */
  readonly workloads: readonly ChangedInspection[];
  readonly targets: readonly ChangedInspection[];
  readonly mesh: readonly ChangedMesh[];
  readonly objects: readonly ChangedObject[];
}

/** The result of a render: the document that `--json` prints, and what the human text is made from. */
export interface RenderDocument extends RenderReport {
  /** What differs from the program of `--base`, or null. */
  readonly difference: Difference | null;
}

const order: readonly InspectionChange[] = ["lost", "narrowed", "observed", "closed", "gained", "changed"];

/** Compares two renders of one program. Resources are compared where both hold their inputs. */
export function differenceOf(base: string, before: RenderReport, after: RenderReport): Difference {
  // A workload that was not given on one side has not come or gone.
  const areGiven = before.coverage.manifestsGiven && after.coverage.manifestsGiven;
  const foundWorkloads = areGiven ? changes(workloadSides(before), workloadSides(after)) : [];
  const foundTargets = changes(...renamed(targetSides(before), targetSides(after)));
  const workloads = foundWorkloads.map(({ changed }) => changed);
  const targets = foundTargets.map(({ changed }) => changed);
  const mesh = changedMeshes(before.mesh, after.mesh);
  const inspections = [...workloads, ...targets];
  const found: Record<Danger, boolean> = {
    // Without workloads nobody can tell whom a target leaves that selects others than before.
    lost:
      [...foundWorkloads, ...foundTargets].some(({ mayLose }) => mayLose) ||
      (!areGiven && targets.some(selectsOthers)),
    closed: inspections.some(closes),
    mesh: mesh.length > 0,
  };
  const objects = changedObjects(before.resources, after.resources);
  return { base, dangers: dangers.filter((danger) => found[danger]), workloads, targets, mesh, objects };
}

function selectsOthers({ before, after }: ChangedInspection): boolean {
  return before !== null && after !== null && before.selects !== after.selects;
}

/** Whether requests will be refused without an answer of the agent, which they were not before. */
function closes({ before, after }: ChangedInspection): boolean {
  return after?.isInspected === true && after.failOpen === false && before?.failOpen !== false;
}

interface Subject {
  readonly name: string;
  readonly kind: string;
  readonly side: InspectionSide;
  /** Whether all requests are inspected. */
  readonly isWhole: boolean;
}

type Subjects = ReadonlyMap<string, Subject>;

function workloadSides({ coverage }: RenderReport): Subjects {
  // Objects of two kinds may have one name.
  const policies = new Map<string, ReportedPolicy[]>();
  for (const policy of coverage.policies) {
    policies.set(policy.policy, [...(policies.get(policy.policy) ?? []), policy]);
  }
  return new Map(
    coverage.workloads.map((workload) => {
      const { namespace, name, kind } = workload;
      const subject = { name: `${namespace}/${name}`, kind, ...workloadSide(workload, policies) };
      return [`${kind} ${subject.name}`, subject];
    }),
  );
}

function workloadSide(
  { status, remark, policies }: ReportedWorkload,
  known: ReadonlyMap<string, readonly ReportedPolicy[]>,
): Pick<Subject, "side" | "isWhole"> {
  const own = policies.flatMap(({ policy }) => known.get(policy) ?? []);
  const outside = status === "outside" ? "not in the mesh" : "not protected";
  return {
    isWhole: policies.some(({ limits }) => limits.coverage === "all"),
    side: {
      isInspected: status === "protected",
      requests:
        status === "protected"
          ? distinct(policies.map(({ limits }) => limits.text)).join("; or ")
          : [outside, ...(remark === null ? [] : [remark])].join(": "),
      enforcement: own.length === 0 ? null : distinct(own.map(({ kind }) => kind)).join(", "),
      isObserved: policies.length > 0 && policies.every(({ observed }) => observed === true),
      failOpen: falseIfAny(own.map(({ failOpen }) => failOpen)),
      sendsBodies: falseIfAny(own.map(({ sendsBodies = null }) => sendsBodies)),
      selects: null,
    },
  };
}

/** One policy that fails closed suffices for a request to be refused, one without bodies for them to pass. */
function falseIfAny(known: readonly (boolean | null)[]): boolean | null {
  if (known.includes(false)) {
    return false;
  }
  return known.length === 0 || known.includes(null) ? null : true;
}

function targetSides({ coverage }: RenderReport): Subjects {
  return new Map(
    coverage.policies.map((policy) => {
      const { limits, kind, failOpen, observed, sendsBodies = null } = policy;
      const isInspected = limits.coverage !== "none";
      const side = {
        isInspected,
        requests: limits.text,
        enforcement: kind,
        isObserved: observed === true,
        failOpen,
        sendsBodies,
        selects: selectionOf(policy),
      };
      const name = policy.target ?? policy.policy;
      const key = policy.target ?? `${kind} ${name}`;
      return [key, { name, kind: "target", isWhole: limits.coverage === "all", side }];
    }),
  );
}

function selectionOf(selecting: ReportedPolicy): string {
  const { labels, references, policy } = selecting;
  const namespace = policy.split("/", 1)[0] ?? "";
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const pods = pairs.length === 0 ? `all pods in ${namespace}` : `pods ${pairs.join(",")} in ${namespace}`;
  return (labels === null ? references.join(", ") : pods) + exceptExcluded(selecting);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** A target that goes where one comes that does the same has another name, or another component, and no more. */
function renamed(before: Subjects, after: Subjects): [Subjects, Subjects] {
  const come = [...after].filter(([key]) => !before.has(key));
  const was = new Map(before);
  const is = new Map(after);
  for (const [key, subject] of before) {
    const index = after.has(key) ? -1 : come.findIndex(([, other]) => isSameSide(other.side, subject.side));
    const [found] = index < 0 ? [] : come.splice(index, 1);
    if (found !== undefined) {
      const [newKey, now] = found;
      was.delete(key);
      was.set(newKey, subject);
      is.set(newKey, { ...now, name: `${subject.name} -> ${now.name}` });
    }
  }
  return [was, is];
}

interface Found {
  readonly changed: ChangedInspection;
  /** Whether requests may be inspected no longer. */
  readonly mayLose: boolean;
}

function changes(before: Subjects, after: Subjects): Found[] {
  const keys = distinct([...before.keys(), ...after.keys()]);
  const found = keys.flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    const change = changeOf(was, is);
    const { name, kind } = is ?? was ?? { name: key, kind: "" };
    const changed = { name, kind, before: was?.side ?? null, after: is?.side ?? null };
    return change === undefined
      ? []
      : [{ changed: { ...changed, change }, mayLose: ["less", "unknown"].includes(extent(was, is)) }];
  });
  return found.sort((one, other) => order.indexOf(one.changed.change) - order.indexOf(other.changed.change));
}

/** How much is inspected after, compared with before. */
function extent(before: Subject | undefined, after: Subject | undefined): ReturnType<typeof extentChange> {
  if (before?.side.isInspected !== true || after?.side.isInspected !== true) {
    return before?.side.isInspected === true ? "less" : "more";
  }
  if (stopsBlocking(before.side, after.side) || leavesBodiesOut(before.side, after.side)) {
    return "less";
  }
  if (before.isWhole !== after.isWhole) {
    return before.isWhole ? "less" : "more";
  }
  return before.isWhole ? "same" : extentChange(before.side.requests, after.side.requests);
}

/** Whether requests that are blocked will pass, though the agent still sees them. */
function stopsBlocking(was: InspectionSide | undefined, is: InspectionSide): boolean {
  return was?.isInspected === true && !was.isObserved && is.isObserved;
}

function leavesBodiesOut(was: InspectionSide, is: InspectionSide): boolean {
  return was.sendsBodies === true && is.sendsBodies === false;
}

/** Whether two sides are the same; an older document does not say whether bodies are inspected. */
function isSameSide(was: InspectionSide, is: InspectionSide): boolean {
  const text = (one: InspectionSide, other: InspectionSide): string =>
    JSON.stringify({ ...one, sendsBodies: one.sendsBodies ?? other.sendsBodies });
  return text(was, is) === text(is, was);
}

function changeOf(before: Subject | undefined, after: Subject | undefined): InspectionChange | undefined {
  const [was, is] = [before?.side, after?.side];
  if (was?.isInspected === true && is?.isInspected !== true) {
    return "lost";
  }
  if (is?.isInspected !== true) {
    return was !== undefined && is !== undefined && was.requests !== is.requests ? "changed" : undefined;
  }
  if (stopsBlocking(was, is)) {
    return "observed";
  }
  if (extent(before, after) === "less") {
    return "narrowed";
  }
  if (is.failOpen === false && was?.failOpen !== false) {
    return "closed";
  }
  if (was?.isInspected !== true) {
    return "gained";
  }
  return isSameSide(was, is) && before?.name === after?.name ? undefined : "changed";
}

function changedObjects(
  before: RenderReport["resources"],
  after: RenderReport["resources"],
): ChangedObject[] {
  const written = (resources: RenderReport["resources"]): Map<string, RenderReport["resources"][number]> =>
    new Map(
      resources
        .filter(({ isComponent, isRead }) => !isComponent && !isRead)
        .map((resource) => [`${resource.kind} ${resource.object ?? resource.name}`, resource]),
    );
  const [was, is] = [written(before), written(after)];
  return distinct([...was.keys(), ...is.keys()]).flatMap((key): ChangedObject[] => {
    const [old, now] = [was.get(key), is.get(key)];
    const { kind, object, name } = now ?? old ?? { kind: "", object: key, name: key };
    const named = { kind, object: object ?? name };
    if (old === undefined || now === undefined) {
      return [{ change: old === undefined ? "added" : "removed", ...named, fields: [] }];
    }
    const fields = changedPaths(old.inputs, now.inputs);
    return fields.length === 0 ? [] : [{ change: "changed", ...named, fields }];
  });
}
