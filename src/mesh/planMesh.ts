import * as pulumi from "@pulumi/pulumi";
import { MeshConfigStrategy } from "../args/mesh";
import { checkExternalMesh } from "./externalStrategy";
import { checkIstiods } from "./shared/istiodCheck";
import { planIstiodPatches } from "./shared/istiodPatch";
import type { PlannedIstiodPatches } from "./shared/istiodPatch";
import { planMeshEdits } from "./meshConfigMapPatch";
import type { MeshEditContext, MeshRead } from "./context";
import type { PlannedMeshEdit } from "./meshConfigMapPatch";
import type { MeshSettings } from "../settings/mesh";
import { sharedConfigMap } from "./shared/sharedConfigMap";

/** How the providers get into the mesh configuration: decided, nothing written yet. */
export interface PlannedMesh {
  /** Rejects when something is refused. */
  plan: pulumi.Output<unknown>;
  /** The edits; none with strategy External. */
  edits: PlannedMeshEdit[];
  /** What was read of the mesh ConfigMaps, with the text as it will be after this run. */
  meshes: MeshRead[];
  /**
   * Makes istiod read what the edits have written, as far as it needs to be told.
   *
   * @param written - The edits; rejects when something is refused.
   * @returns what the policies must wait for besides.
   */
  registerIstiodPatches: (written: pulumi.Output<pulumi.Resource[]>) => pulumi.Resource[];
}

/** Plans how the providers get into the mesh configuration. */
export function planMesh(
  context: MeshEditContext,
  settings: MeshSettings,
  validated: pulumi.Output<unknown>,
): PlannedMesh {
  switch (settings.strategy) {
    case MeshConfigStrategy.Patch:
      return planned(planMeshEdits(context, settings));
    case MeshConfigStrategy.Shared: {
      const { plan, register } = settings.patchIstiod
        ? planIstiodPatches(context, settings)
        : { plan: checkIstiods(context, settings), register: nothingToRegister };
      const base = sharedConfigMap(context, settings, pulumi.all([validated, plan, context.reader.awaited]));
      return planned(planMeshEdits(context, settings, base), { plan, register });
    }
    case MeshConfigStrategy.External: {
      const meshes = checkExternalMesh(context, settings);
      const plan = pulumi.all(meshes.map((mesh) => mesh.plan));
      return { edits: [], meshes, plan, registerIstiodPatches: nothingToRegister };
    }
  }
}

const nothingToRegister = (): pulumi.Resource[] => [];

function planned(edits: PlannedMeshEdit[], istiods?: PlannedIstiodPatches): PlannedMesh {
  return {
    edits,
    meshes: edits.map(({ configMap, plan, uid }) => ({ configMap, uid, text: plan.text })),
    plan: pulumi.all([istiods?.plan, ...edits.map((edit) => edit.plan)]),
    registerIstiodPatches: istiods?.register ?? nothingToRegister,
  };
}
