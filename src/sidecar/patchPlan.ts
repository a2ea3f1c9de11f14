import type * as k8s from "@pulumi/kubernetes";
import { isRecord } from "../pulumi/inputs";
import { editedAnnotation, ownerAnnotation, ownershipOf, readMark } from "../kubernetes/ownership";
import type { Annotations, MeshOwner } from "../kubernetes/ownership";
import { at, listAt, textAt, textMapAt } from "../kubernetes/liveObject";
import type { ArgumentProblem } from "../validation/problem";
import { containerName, temporaryVolume, volumeName } from "../agent/container";
import { containerList, containerLists, sidecarContainer } from "./container";
import { podFacts } from "./podFacts";
import { podProblems } from "./podProblems";
import { planProxyConfig, proxyConfigAnnotation } from "./proxyConfig";
import { refuse } from "./refusal";
import type { SidecarSettings } from "../settings/sidecar";

/** The workload that gets the agent. */
export interface SidecarPatchTarget {
  /** Its kind, for example `Deployment`. */
  kind: string;
  /** Its namespace. */
  namespace: string;
  /** Its name. */
  name: string;
  /** Labels that its pods must have: those by which the target's policy finds them. */
  matchLabels?: Readonly<Record<string, string>>;
  /** Settings with which its proxies expose their counters, as YAML; none when they are not asked for. */
  proxyConfig?: string;
}

/** The edit of one existing workload: what the patch holds. */
export interface SidecarPatchPlan {
  /** The pod spec of the patch: every present name of a list in its place, and the agent's container and volume. */
  podSpec: k8s.types.input.core.v1.PodSpecPatch;
  /**
   * Value of the annotation that makes a lost container visible: engine and provider compare inputs with their state,
   * never with the cluster. It stays while the live object has everything of ours, and changes when it does not.
   */
  edited: string;
  /** Value of the pods' annotation with settings of their proxy, where it is written. */
  proxyConfig?: string;
  /** What a user should know. */
  warnings: string[];
}

/** Something of a list that has a name. */
interface Named {
  name: string;
}

/**
 * Decides how the agent gets into a workload that exists already. The result depends on the live object and the
 * settings only, and is the same again once it is applied.
 *
 * Server-side apply merges these lists by name, but their diffs are by position: a patch that lists the agent alone
 * would differ on every run. A present item is listed by its name alone, so its content stays its owner's. The price:
 * while the patch lists its name, an owner that uses server-side apply cannot take away a container of the same list
 * (the API server finds it without an image), and a volume stays as an empty one until the next run. Owners that use
 * another kind of patch, such as Helm 3 and `kubectl apply`, can take away both.
 *
 * @param owner - The component that asks; without an id its name decides what is its own.
 * @throws SidecarRefusal when the workload cannot take the agent; nothing is changed then.
 */
export function planSidecarPatch(
  live: unknown,
  settings: SidecarSettings,
  target: SidecarPatchTarget,
  owner: MeshOwner,
): SidecarPatchPlan {
  const annotations = textMapAt(live, "metadata", "annotations");
  const podSpec = recordAt(live, "spec", "template", "spec");
  refuse(`${target.kind} ${target.namespace}/${target.name}`, [
    ...labelProblems(live, target),
    ...liveProblems(podSpec, settings, annotations, owner),
  ]);
  const list = containerList(settings.form);
  const { managedFields } = recordAt(live, "metadata");
  const present = (field: string): string[] =>
    names(podSpec[field]).filter((name) => !isLeftOver(managedFields, field, name));
  const [containers, volumes] = [present(list), present("volumes")];
  const config = templateAnnotations(live)[proxyConfigAnnotation];
  const proxyConfig = target.proxyConfig === undefined ? {} : planProxyConfig(config, target.proxyConfig);
  const whole =
    containers.includes(containerName) &&
    volumes.includes(volumeName) &&
    (proxyConfig.value === undefined || proxyConfig.value === config);
  const found = annotations[editedAnnotation(owner.component)];
  const version = recordAt(live, "metadata").resourceVersion;
  return {
    podSpec: {
      [list]: inPlace(containers, sidecarContainer(settings)),
      volumes: inPlace(volumes, { ...temporaryVolume(settings.agent), name: volumeName }),
    },
    edited: whole && found !== undefined ? found : typeof version === "string" ? version : "unknown",
    ...(proxyConfig.value !== undefined && { proxyConfig: proxyConfig.value }),
    warnings: proxyConfig.isForeign === true ? [foreignConfig(target)] : [],
  };
}

function templateAnnotations(live: unknown): Annotations {
  return textMapAt(live, "spec", "template", "metadata", "annotations");
}

function foreignConfig({ kind, namespace, name, proxyConfig = "" }: SidecarPatchTarget): string {
  return (
    `${kind} ${namespace}/${name}: its pods have an annotation ${proxyConfigAnnotation} of somebody else, which stays as ` +
    "it is, so their proxies do not expose the counters that observability.proxyStats is about. Add to it:\n" +
    proxyConfig.trimEnd().replaceAll(/^/gm, "    ")
  );
}

/** The names in their live order, ours as it stands among them or at the end. */
function inPlace<T extends Named>(present: readonly string[], ours: T): (T | Named)[] {
  const all = present.includes(ours.name) ? present : [...present, ours.name];
  return all.map((name) => (name === ours.name ? ours : { name }));
}

function labelProblems(live: unknown, { matchLabels = {} }: SidecarPatchTarget): ArgumentProblem[] {
  const path = "spec.template.metadata.labels";
  const labels = textMapAt(live, "spec", "template", "metadata", "labels");
  return Object.entries(matchLabels).flatMap(([key, value]) =>
    labels[key] === value
      ? []
      : [
          {
            path: `${path}[${JSON.stringify(key)}]`,
            value: labels[key],
            reason: `the target's labels have ${key}=${value} here, so its policy would not find these pods`,
            remedy: "Give the labels of the workload's pods as the target's matchLabels.",
          },
        ],
  );
}

function liveProblems(
  podSpec: Record<string, unknown>,
  settings: SidecarSettings,
  annotations: Annotations,
  owner: MeshOwner,
): ArgumentProblem[] {
  const path = "spec.template.spec";
  const isOurs = ownershipOf(annotations, containerName, owner) === "ours";
  if (names(podSpec.containers).length === 0) {
    const remedy = "Name a Deployment, a StatefulSet or a DaemonSet.";
    return [{ path, reason: "there is no pod template with containers", remedy }];
  }
  // What carries our mark is replaced; its form may have changed.
  const others = Object.fromEntries(
    containerLists.map((list) => [list, isOurs ? withoutAgent(podSpec[list]) : podSpec[list]]),
  );
  return [
    ...podProblems(podFacts({ ...podSpec, ...others }), settings, path),
    ...(isOurs ? [] : notOurs(podSpec, settings, whoElse(annotations, owner), path)),
  ];
}

/** A container or a volume of our name that another writer put there, by hand after the guide or as another component. */
function notOurs(
  podSpec: Record<string, unknown>,
  settings: SidecarSettings,
  { who, remedy }: { who: string; remedy: string },
  path: string,
): ArgumentProblem[] {
  const list = containerList(settings.form);
  const taken = (field: string, name: string, what: string): ArgumentProblem[] => {
    const index = listAt(podSpec, field).findIndex((item) => textAt(item, "name") === name);
    const reason = `the workload has a ${what} of the agent's name already, ${who}`;
    return index === -1 ? [] : [{ path: `${path}.${field}[${index}].name`, value: name, reason, remedy }];
  };
  return [...taken(list, containerName, "container"), ...taken("volumes", volumeName, "volume")];
}

/** Who put it there, as far as the workload says, and what to do. */
function whoElse(annotations: Annotations, owner: MeshOwner): { who: string; remedy: string } {
  const mark = annotations[ownerAnnotation(containerName)];
  if (mark === undefined) {
    return {
      who: "and nothing says that this component put it there",
      remedy: "Remove it from the workload first, where it is defined.",
    };
  }
  const who = `put there by ${mark}`;
  const stack = stackOf(owner.component);
  const { component } = readMark(mark);
  if (component === owner.component) {
    return {
      who: "put there by an earlier component of this name",
      remedy: "If the state of the stack was lost, take the agent out of the workload first, by hand.",
    };
  }
  if (stackOf(component) !== stack) {
    return { who, remedy: "Remove the target from that component first." };
  }
  const name = component.slice(stack.length);
  return {
    who,
    remedy:
      `If that component was renamed, say so in the options of this one: \`aliases: [{ name: "${name}" }]\`.\n` +
      "    If the target moves, it takes two `pulumi up`, and nothing inspects these pods in between: first take the\n" +
      `    target out of "${name}", then add it here.`,
  };
}

/** `<project>/<stack>/` of a component. */
function stackOf(component: string): string {
  return component.slice(0, component.lastIndexOf("/") + 1);
}

function withoutAgent(list: unknown): unknown[] {
  return listAt(list).filter((item) => textAt(item, "name") !== containerName);
}

function names(list: unknown): string[] {
  return listAt(list).flatMap((item) => textAt(item, "name") ?? []);
}

function recordAt(value: unknown, ...path: string[]): Record<string, unknown> {
  const found = at(value, ...path);
  return isRecord(found) ? found : {};
}

/**
 * Whether an item of a list is left over: managers say of it that it is there and what its name is, and none of them
 * owns anything else of it. That is what remains of a volume that its owner took away by server-side apply while our
 * patch lists its name.
 *
 * @param managedFields - `metadata.managedFields` of the live object; when they are missing, nothing is left over.
 * @param list - Field of the pod spec, for example `volumes`.
 */
function isLeftOver(managedFields: unknown, list: string, name: string): boolean {
  const entries: unknown[] = Array.isArray(managedFields) ? managedFields : [];
  const path = ["fieldsV1", "f:spec", "f:template", "f:spec", `f:${list}`, `k:${JSON.stringify({ name })}`];
  const owned = entries.map((entry) => at(entry, ...path)).filter(isRecord);
  return (
    owned.length > 0 &&
    owned.every((fields) => Object.keys(fields).every((key) => key === "." || key === "f:name"))
  );
}
