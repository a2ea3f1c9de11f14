import * as pulumi from "@pulumi/pulumi";
import { isDeferred, isRecord, whenKnown, sameInput } from "../pulumi/inputs";
import type { ArgumentProblem } from "../validation/problem";
import { containerName, temporaryVolume, volumeName } from "../agent/container";
import { containerList, sidecarContainer } from "./container";
import { podFacts } from "./podFacts";
import type { PodFacts } from "./podFacts";
import { podProblems, takenName, takenVolume } from "./podProblems";
import { refuse } from "./refusal";
import type { SidecarSettings } from "../settings/sidecar";

/** Where the agent is added, and what more must hold there. */
export interface Place {
  /** What is refused, for example `withSigsciAgent`. */
  subject: string;
  /** Where the pod spec stands, for example `podSpec`. */
  path: string;
  /** More facts with deferred parts, and what they forbid once they are known. */
  more?: { facts: unknown; problems: (known: unknown) => ArgumentProblem[] };
}

/** Something of ours for a list of named items. */
interface OwnItem {
  item: { name: pulumi.Input<string> };
  name: string;
  /** The refusal of another item of this name. */
  taken: (index: number) => ArgumentProblem;
}

// What a call derives from Outputs is new each time, so equal calls are known by what they were given.
const madeFrom = new WeakMap<object, SidecarSettings>();

/**
 * Adds the agent to a pod spec. What decides is checked at once where it is plain, else when it is known. What an
 * equal call put there stays as it is.
 *
 * @param podSpec - The pod spec; it is not changed.
 * @throws SidecarRefusal when it does not fit in; from an Output when that is known only later.
 */
export function addAgent<T extends object>(podSpec: T, settings: SidecarSettings, place: Place): T {
  const { subject, path } = place;
  const checked = checkPod(podSpec, settings, place);
  const list = containerList(settings.form);
  const fields = new Map<string, unknown>(Object.entries(podSpec));
  const added = (field: string, own: OwnItem, context: ListContext): unknown => {
    madeFrom.set(own.item, settings);
    return withItem(fields.get(field) ?? [], own, context);
  };
  const container: OwnItem = {
    item: sidecarContainer(settings),
    name: containerName,
    taken: (index) => takenName(`${path}.${list}[${index}].name`),
  };
  const volume: OwnItem = {
    item: temporaryVolume(settings.agent),
    name: volumeName,
    taken: (index) => takenVolume(`${path}.volumes[${index}].name`),
  };
  return {
    ...podSpec,
    [list]: added(list, container, { subject, checked }),
    // The container carries the checks; the volume alone does no harm.
    volumes: added("volumes", volume, { subject, checked: undefined }),
  };
}

/** What comes out is an Output as long as a check is not done yet: it fails with the refusal. */
type Checked = undefined | pulumi.Output<undefined>;

function checkPod(podSpec: object, settings: SidecarSettings, { subject, path, more }: Place): Checked {
  const facts: { pod: PodFacts; more: unknown } = { pod: podFacts(podSpec), more: more?.facts };
  return whenKnown<unknown, undefined>(facts, (resolved) => {
    // The facts have the same shape, with nothing deferred in them.
    const known = resolved as typeof facts;
    refuse(subject, [...podProblems(known.pod, settings, path), ...(more?.problems(known.more) ?? [])]);
    return undefined;
  });
}

interface ListContext {
  subject: string;
  checked: Checked;
}

function withItem(list: unknown, own: OwnItem, context: ListContext): unknown {
  const { checked, subject } = context;
  if (!hasPlainNames(list)) {
    const all: pulumi.Output<unknown[]> = pulumi.all<unknown>([list, own.item, checked]);
    return all.apply(([known, item]) =>
      // The item is ours, with nothing deferred in it.
      withItem(known ?? [], { ...own, item: item as OwnItem["item"] }, { subject, checked: undefined }),
    );
  }
  const index = list.findIndex((item) => item.name === own.name);
  const present = list[index];
  if (present === undefined) {
    return [...list, checked === undefined ? own.item : checked.apply(() => own.item)];
  }
  const kept = keptItem(present, index, own, subject);
  return list.map((item, position) => (position === index ? kept : item));
}

/** The item that is there, if it is the one that would be added. */
function keptItem(present: object, index: number, own: OwnItem, subject: string): unknown {
  const before = madeFrom.get(present);
  if (before !== undefined && sameInput(before, madeFrom.get(own.item))) {
    return present;
  }
  return whenKnown<unknown, unknown>([present, own.item], (resolved) => {
    // Two values went in.
    const [there, ours] = resolved as [unknown, unknown];
    refuse(subject, sameInput(there, ours) ? [] : [own.taken(index)]);
    return there;
  });
}

function hasPlainNames(list: unknown): list is { name: unknown }[] {
  return Array.isArray(list) && list.every((item: unknown) => isRecord(item) && !isDeferred(item.name));
}
