import * as pulumi from "@pulumi/pulumi";
import { MeshConfigStrategy } from "./args";
import { checkExternalMesh } from "./external";
import { checkIstiods } from "./istiodCheck";
import { planMeshEdits } from "./patch";
import type { MeshEditContext, MeshRead, PlannedMeshEdit } from "./patch";
import type { MeshSettings } from "./settings";
import { sharedConfigMap } from "./sharedConfigMap";

/** How the providers get into the mesh configuration: decided, nothing written yet. */
export interface PlannedMesh {
  /** Rejects when something is refused. */
  plan: pulumi.Output<unknown>;
  /** The edits; none with strategy External. */
  edits: PlannedMeshEdit[];
  /** What was read of the mesh ConfigMaps, with the text as it will be after this run. */
  meshes: MeshRead[];
}

/**
 * Plans how the providers get into the mesh configuration.
 *
 * @param context - The component.
 * @param settings - How the mesh configuration is found.
 * @param validated - Is there when the arguments are known to be right.
 */
export function planMesh(
  context: MeshEditContext,
  settings: MeshSettings,
  validated: pulumi.Output<unknown>,
): PlannedMesh {
  switch (settings.strategy) {
    case MeshConfigStrategy.Patch:
      return planned(planMeshEdits(context, settings));
    case MeshConfigStrategy.Shared: {
      const istiods = checkIstiods(context, settings);
      const base = sharedConfigMap(context, settings, pulumi.all([validated, istiods]));
      return planned(planMeshEdits(context, settings, base), istiods);
    }
    case MeshConfigStrategy.External: {
      const meshes = checkExternalMesh(context, settings);
      return { edits: [], meshes, plan: pulumi.all(meshes.map(({ plan }) => plan)) };
    }
  }
}

function planned(edits: PlannedMeshEdit[], ...checks: pulumi.Output<unknown>[]): PlannedMesh {
  const meshes = edits.map(({ configMap, plan, uid }) => ({ configMap, uid, text: plan.text }));
  return { edits, meshes, plan: pulumi.all([...checks, ...edits.map((edit) => edit.plan)]) };
}
