import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MeshConfigStrategy } from "../args/mesh";
import type { MeshEditContext } from "./context";
import { liveAnnotations, liveText, liveVersion, readConfigMap } from "./liveConfigMap";
import type { LiveConfigMap } from "./liveConfigMap";
import { editedAnnotation, ownerAnnotation, ownerMark, ownershipOf } from "../kubernetes/ownership";
import { planMeshEdit, withoutEarlyMarks } from "./planMeshEdit";
import type { MeshContribution, MeshPlan } from "./planMeshEdit";
import { isComponentHost } from "../pulumi/componentHost";
import { idsOf, isDeferred, knownOrUndefined } from "../pulumi/inputs";
import { beforeRead } from "../kubernetes/beforeRead";
import { textAt } from "../kubernetes/liveObject";
import { idOfMarks } from "../pulumi/engineRun";
import { answered } from "../pulumi/mockedProviders";
import { onBehalfOf } from "../pulumi/refusal";
import type { CreatedConfigMap } from "./shared/sharedConfigMap";
import { lookAfterWrite } from "./lookAfterWrite";
import { laterContributions, meshQueue } from "./queue";
import type { QueuedEdit } from "./queue";
import type { MeshConfigMapSettings, MeshSettings } from "../settings/mesh";

/** The edit of one mesh ConfigMap: decided, not written yet. */
export interface PlannedMeshEdit {
  /** Stable suffix of logical names. */
  key: string;
  /** `<namespace>/<name>`. */
  configMap: pulumi.Output<string>;
  /** The plan; rejects when the edit is refused. */
  plan: pulumi.Output<MeshPlan>;
  /** Uid of the ConfigMap, by which its cluster is recognised; undefined when nothing says it. */
  uid: pulumi.Output<string | undefined>;
  /**
   * Registers the patch that writes.
   *
   * @param after - What must be there before; rejects when something is refused.
   */
  register: (after: pulumi.Output<pulumi.Resource[]>) => RegisteredMeshEdit;
}

/** The edit of one mesh ConfigMap, registered. */
export interface RegisteredMeshEdit {
  /** The patch that writes. */
  patch: k8s.core.v1.ConfigMapPatch;
  /** What was registered last, once the ConfigMap was seen to hold everything. */
  seen: pulumi.Output<pulumi.Resource>;
}

/**
 * Reads each mesh ConfigMap and decides its edit. The read happens in every preview and update, so a text that
 * somebody restored is seen without `--refresh`.
 *
 * @param created - The ConfigMap, when this program creates it: it is read only once it exists.
 */
export function planMeshEdits(
  context: MeshEditContext,
  settings: MeshSettings,
  created?: CreatedConfigMap,
): PlannedMeshEdit[] {
  return settings.configMaps.map((configMap) => planOne(context, settings, configMap, created));
}

function planOne(
  context: MeshEditContext,
  settings: MeshSettings,
  target: MeshConfigMapSettings,
  created: CreatedConfigMap | undefined,
): PlannedMeshEdit {
  const { component, name } = context;
  const configMap = pulumi.interpolate`${settings.istioNamespace}/${target.name}`;
  const live = readMesh(`${name}-mesh-${target.key}-live`, configMap, context, created);
  const contribution = contributionOf(context, settings);
  const queue = meshQueue(component);
  const before = [...queue];
  const planFrom = plannerOf(context, settings, configMap, contribution, before);
  const register = (after: pulumi.Output<pulumi.Resource[]>): RegisteredMeshEdit => {
    const waited = pulumi
      .all([after, ...(created ? [created.made] : []), ...before.map((edit) => edit.written)])
      .apply((resources) => resources.flat());
    const latest = readLatest(`${name}-mesh-${target.key}-latest`, configMap, component, waited, live);
    const decided = planFrom(latest);
    const annotations = patchAnnotations(context, latest.metadata, decided);
    const write = (patchName: string, mesh: pulumi.Input<string>, dependsOn: Dependencies): ConfigMapPatch =>
      new k8s.core.v1.ConfigMapPatch(
        patchName,
        {
          metadata: { namespace: settings.istioNamespace, name: target.name, annotations },
          data: { mesh },
        },
        // Without `retainOnDelete` a destroy deletes the key `mesh`, and the whole mesh falls back to defaults.
        { parent: component, retainOnDelete: true, dependsOn },
      );
    const patch = write(`${name}-mesh-${target.key}`, decided.text, waited);
    const seen = lookAfterWrite(
      {
        component,
        name: `${name}-mesh-${target.key}`,
        configMap,
        waited: pulumi.all([waited, decided]),
        before: latest.metadata,
        reader: context.reader,
        contribution,
        write,
      },
      patch,
    );
    const plain = plainEdit(context, settings, target);
    queue.push({ configMap, contribution, written: after.apply(() => pulumi.all([patch, seen])), plain });
    return { patch, seen };
  };
  const uid = live.metadata.apply((metadata) => textAt(metadata, "uid"));
  return { key: target.key, configMap, plan: planFrom(live), uid, register };
}

type Dependencies = pulumi.CustomResourceOptions["dependsOn"];
type ConfigMapPatch = k8s.core.v1.ConfigMapPatch;

function contributionOf(
  { owner, id, providers, teardown }: MeshEditContext,
  { adopt }: MeshSettings,
): pulumi.Output<MeshContribution> {
  return pulumi.all([idOfMarks(id), providers]).apply(([knownId, list]) => ({
    owner: { component: owner, id: knownId },
    providers: list,
    adopt,
    teardown,
  }));
}

/**
 * Decides the edit of a ConfigMap from what was read of it.
 *
 * @param before - The edits of components that were constructed earlier.
 */
function plannerOf(
  { component }: MeshEditContext,
  { strategy }: MeshSettings,
  configMap: pulumi.Output<string>,
  contribution: pulumi.Output<MeshContribution>,
  before: readonly QueuedEdit[],
): (read: LiveConfigMap) => pulumi.Output<MeshPlan> {
  // A shared ConfigMap starts without a text.
  const ifAbsent = strategy === MeshConfigStrategy.Shared ? emptyMeshText : undefined;
  const queue = meshQueue(component);
  // Components that are constructed after this one are known once the program has run to its end. One in another
  // language sends them at any time: there it is what is known when this one writes, and no mark depends on it.
  const comeOneByOne = isComponentHost();
  const constructed = pulumi.output(
    new Promise<number>((resolve) =>
      setImmediate(() => {
        resolve(queue.length);
      }),
    ),
  );
  return (read) =>
    pulumi
      .all([
        constructed,
        pulumi.all([configMap, read.data, read.metadata]),
        contribution,
        pulumi.all(before.map((edit) => pulumi.all([edit.configMap, edit.contribution]))),
      ])
      .apply(([length, [where, data, metadata], wanted, queued]) => {
        answered(component, metadata, `the ConfigMap ${where}`);
        const earlier = queued.filter(([other]) => other === where).map(([, one]) => one);
        const found = liveText(data);
        const text = ifAbsent !== undefined && (found ?? "").trim() === "" ? ifAbsent : found;
        const mesh = { id: where, text, annotations: liveAnnotations(metadata) };
        const after = queue.slice(before.length, comeOneByOne ? undefined : length);
        const later = laterContributions(after, where, wanted.owner.component);
        const plan = onBehalfOf(component, () => planMeshEdit(mesh, wanted, earlier, later));
        return comeOneByOne ? withoutEarlyMarks(plan) : plan;
      });
}

/** An empty mesh configuration in the form that edits start from and lead back to. */
const emptyMeshText = "extensionProviders:\n";

/** A ConfigMap that a preview is about to create is known to be empty, so that the preview shows the whole edit. */
function readMesh(
  name: string,
  configMap: pulumi.Output<string>,
  { component, reader }: MeshEditContext,
  created: CreatedConfigMap | undefined,
): LiveConfigMap {
  if (created === undefined) {
    const asked = beforeRead(reader, "configmaps", configMap);
    return readConfigMap(name, asked, { parent: component });
  }
  const { data, metadata } = readConfigMap(name, created.resource.id, {
    parent: component,
    dependsOn: created.made,
  });
  return { data: knownOrUndefined(data), metadata: knownOrUndefined(metadata) };
}

/**
 * Reads the mesh ConfigMap again, right before it is written: the rollout of the agent lies between the first read
 * and the write, and what somebody else wrote meanwhile would be undone. In a preview of what is waited for, the first
 * read is all there is.
 */
function readLatest(
  name: string,
  configMap: pulumi.Output<string>,
  component: pulumi.ComponentResource,
  waited: pulumi.Output<pulumi.Resource[]>,
  live: LiveConfigMap,
): LiveConfigMap {
  const id = pulumi.all([configMap, idsOf(waited)]).apply(([where]) => where);
  const latest = readConfigMap(name, id, { parent: component });
  const known = pulumi.all([
    live.data,
    live.metadata,
    knownOrUndefined(latest.data),
    knownOrUndefined(latest.metadata),
  ]);
  return {
    data: known.apply(([first, , last]) => last ?? first),
    metadata: known.apply(([, first, , last]) => last ?? first),
  };
}

/** What is known of an edit without waiting; undefined when anything of it is an Output. */
function plainEdit(
  { owner, providers, teardown }: MeshEditContext,
  { istioNamespace }: MeshSettings,
  { name }: MeshConfigMapSettings,
): QueuedEdit["plain"] {
  return isDeferred(istioNamespace) || isDeferred(name) || isDeferred(providers)
    ? undefined
    : { configMap: `${istioNamespace}/${name}`, component: owner, providers: teardown ? [] : providers };
}

function patchAnnotations(
  { owner, id, teardown }: MeshEditContext,
  metadata: pulumi.Output<unknown>,
  plan: pulumi.Output<MeshPlan>,
): pulumi.Output<Record<string, pulumi.Input<string>>> {
  const force = {
    "pulumi.com/patchForce": "true",
    // One manager for one component's patch of one object: nothing that is deleted late takes a field away, since
    // each such patch is retained, and a teardown takes all of it away.
    "pulumi.com/patchFieldManager": pulumi.interpolate`pulumi-sigsci-istio-${id}`,
  };
  if (teardown) {
    return plan.apply(({ annotations }): Record<string, pulumi.Input<string>> => ({
      ...force,
      ...annotations,
    }));
  }
  return pulumi.all([plan, metadata, knownOrUndefined(id)]).apply(([planned, live, knownId]) => {
    const key = editedAnnotation(owner);
    const annotations = liveAnnotations(live);
    const found = annotations[key];
    // Marks of an earlier component of this name are not ours: with the value repeated, their manager would keep it too.
    const isOurs = (name: string): boolean =>
      ownershipOf(annotations, name, { component: owner, id: knownId }) === "ours";
    const isThere = ([name, value]: [string, string]): boolean => annotations[name] === value;
    const whole =
      planned.unchanged && planned.marked.every(isOurs) && Object.entries(planned.annotations).every(isThere);
    // Engine and provider compare inputs with state, never with the cluster: this value makes a lost entry or mark visible.
    const edited = whole && found !== undefined ? found : liveVersion(live);
    const mark = id.apply((known) => ownerMark({ component: owner, id: known }));
    const written: Record<string, pulumi.Input<string>> = {
      ...force,
      ...planned.annotations,
      [key]: edited,
    };
    for (const provider of planned.marked) {
      written[ownerAnnotation(provider)] = mark;
    }
    return written;
  });
}
