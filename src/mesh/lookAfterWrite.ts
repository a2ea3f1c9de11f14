import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Reader } from "../kubernetes/beforeRead";
import { isEngineUpdate, runsUnderEngine } from "../pulumi/engineRun";
import { ComponentRefusal, onBehalfOf } from "../pulumi/refusal";
import { liveAnnotations, liveText, liveVersion, readConfigMap } from "./liveConfigMap";
import type { LiveConfigMap } from "./liveConfigMap";
import type { MeshContribution } from "./planMeshEdit";
import { overwrittenWriters } from "./foreignWrites";
import { planRepair, repairForeign } from "./planRepair";
import type { MeshRepair } from "./planRepair";
import type { ForeignWrite } from "./lastForeignWrite";

/** Others would have to write between look and repair each time. */
const repairsAtMost = 10;

/** A mesh ConfigMap that a component has written. */
export interface WrittenMeshConfigMap {
  /** The component. */
  component: pulumi.ComponentResource;
  /** Logical name of the patch that wrote. */
  name: string;
  /** `<namespace>/<name>`. */
  configMap: pulumi.Output<string>;
  /** What the patch waited for: when that is refused, the patch is never registered, and nothing may wait for it. */
  waited: pulumi.Output<unknown>;
  /** Field `metadata` of what the text was written from. */
  before: pulumi.Output<unknown>;
  /** How live objects are read. */
  reader: Reader;
  /** What the component wants. */
  contribution: pulumi.Output<MeshContribution>;
  /** Writes another text in the way of the patch. */
  write: (name: string, text: string, after: pulumi.Resource) => k8s.core.v1.ConfigMapPatch;
}

/**
 * Looks at the mesh ConfigMap after the write, and puts back what it undid or what undid it, in the same update. Each
 * write is followed by a look of whoever wrote, so the last one of several at the same time finds everything whole.
 *
 * A repair is a resource of this one run. The next run drops it from the state, where it is retained: nothing happens
 * in the cluster.
 *
 * @param patch - The patch that wrote.
 * @returns what a policy waits for; rejects when others keep undoing what is written.
 */
export function lookAfterWrite(
  written: WrittenMeshConfigMap,
  patch: pulumi.CustomResource,
): pulumi.Output<pulumi.Resource> {
  // Mocks and offline runs write nothing that could be looked at.
  if (!runsUnderEngine(pulumi.runtime.getMonitor())) {
    return pulumi.output<pulumi.Resource>(patch);
  }
  return look(written, patch, `${written.name}-look`, repairsAtMost);
}

function look(
  written: WrittenMeshConfigMap,
  patch: pulumi.CustomResource,
  name: string,
  repairsLeft: number,
): pulumi.Output<pulumi.Resource> {
  const { component, configMap, waited, write } = written;
  const id = pulumi.all([configMap, waited, patch.id]).apply(([where]) => where);
  const { resource: read, ...found } = readConfigMap(name, id, { parent: component });
  if (!isEngineUpdate()) {
    return waited.apply((): pulumi.Resource => read);
  }
  // A read that waits for what was refused is never registered: what was refused must reject instead.
  return waited
    .apply(() => repairOf(written, found))
    .apply(({ repair, where, version }) => {
      if (repair === undefined) {
        return pulumi.output<pulumi.Resource>(read);
      }
      if (repairsLeft === 0) {
        throw new ComponentRefusal(
          `Mesh configuration in ConfigMap ${where}: others overwrote it after each of ${repairsAtMost} repairs. Run ` +
            "`pulumi up` again when they are done. This run wrote no policy.",
          component,
        );
      }
      for (const note of repair.notes) {
        void pulumi.log.warn(`${note} Another writer and this run wrote at the same time.`, component);
      }
      // A name of its own: the engine would leave out a repair that says the same as that of an earlier run.
      const again = write(`${written.name}-repair-${version}`, repair.text, read);
      const next = { ...written, before: found.metadata };
      return look(next, again, `${written.name}-look-${version}`, repairsLeft - 1);
    });
}

function repairOf(
  { component, configMap, before, reader, contribution }: WrittenMeshConfigMap,
  read: LiveConfigMap,
): pulumi.Output<{ repair: MeshRepair | undefined; where: string; version: string }> {
  return pulumi
    .all([configMap, read.data, read.metadata, before, contribution])
    .apply(async ([where, data, metadata, earlier, wanted]) => {
      const found = { id: where, text: liveText(data), annotations: liveAnnotations(metadata) };
      const version = liveVersion(metadata);
      const foreign =
        version === liveVersion(earlier) ? undefined : await foreignWrite(reader, where, earlier, metadata);
      const repair = onBehalfOf(component, () =>
        foreign === undefined
          ? planRepair(found, liveAnnotations(earlier), wanted)
          : repairForeign(found, liveAnnotations(earlier), foreign, wanted),
      );
      return { repair, where, version };
    });
}

/** What others wrote between two reads; without a text when that is not known. */
async function foreignWrite(
  reader: Reader,
  configMap: string,
  before: unknown,
  after: unknown,
): Promise<Partial<ForeignWrite> | undefined> {
  const { lastForeignWrite } = await import("./lastForeignWrite");
  const found = await lastForeignWrite(reader, configMap, before, after);
  if (found !== "unknown") {
    return found;
  }
  const writers = overwrittenWriters(before, after);
  return writers.length === 0 ? undefined : { writers };
}
