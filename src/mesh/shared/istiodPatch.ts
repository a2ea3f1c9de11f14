import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ProgramScoped } from "../../pulumi/programScoped";
import { stackName } from "../../pulumi/stackName";
import { beforeRead } from "../../kubernetes/beforeRead";
import { ownLabels } from "../../kubernetes/ownership";
import { outputsOfOthers } from "../../kubernetes/foreignObject";
import { fieldManagerOf } from "../../kubernetes/fieldManager";
import { ComponentRefusal, onBehalfOf } from "../../pulumi/refusal";
import { isStandIn } from "../../kubernetes/standIn";
import { istiodPatchContainer, planIstiodPatch } from "./istiodPatchPlan";
import type { IstiodPatchPlan } from "./istiodPatchPlan";
import { editedAnnotation } from "../../kubernetes/ownership";
import type { MeshEditContext } from "../context";
import { MeshRefusal } from "../planMeshEdit";
import { environmentConfigMapName } from "../../settings/mesh";
import type { IstiodSettings, MeshSettings } from "../../settings/mesh";
import { createdByAnnotations, sharedLogicalName } from "./sharedConfigMap";
import { patchOwnerAnnotation, sharedMeshVariable } from "./sharedVariable";

/** How istiod gets its variable: decided, nothing written yet. */
export interface PlannedIstiodPatches {
  /** Rejects when an istiod cannot be patched. */
  plan: pulumi.Output<unknown>;
  /**
   * Registers the patches, unless another component of the program has done so. They are complete once the pods of
   * istiod have been replaced.
   *
   * @param after - What must be there before; the entries, so that no istiod reads a ConfigMap that lacks them. Rejects
   * when something is refused.
   */
  register: (after: pulumi.Output<pulumi.Resource[]>) => pulumi.Resource[];
}

/** The patch of one istiod, which the components of one program and cluster have in common. */
interface IstiodPatch {
  sharedConfigMap: string;
  plan: pulumi.Output<IstiodPatchPlan>;
  registered?: pulumi.Resource;
}

const patches = new ProgramScoped<Map<string, IstiodPatch>>(() => new Map());
const environments = new ProgramScoped<Map<string, k8s.core.v1.ConfigMap>>(() => new Map());

/**
 * Reads each istiod and decides its patch. The patches belong to no component, as the ConfigMap of strategy Shared.
 */
export function planIstiodPatches(context: MeshEditContext, settings: MeshSettings): PlannedIstiodPatches {
  const planned = settings.istiods.map((istiod) => planOne(context, settings, istiod));
  return {
    plan: pulumi.all(planned.map(({ plan }) => plan)),
    register: (after) => planned.map((one) => one.register(after)),
  };
}

function planOne(
  context: MeshEditContext,
  settings: MeshSettings,
  istiod: IstiodSettings,
): { plan: pulumi.Output<unknown>; register: (after: pulumi.Output<pulumi.Resource[]>) => pulumi.Resource } {
  const { sharedConfigMapName: sharedConfigMap } = settings;
  const { component } = context;
  const provider = component.getProvider("kubernetes:core/v1:ConfigMap");
  // Without the ConfigMap's name in it: of two patches of one list the API server would keep what both name.
  const logicalName = sharedLogicalName(settings, `istiod-${istiod.key}`, provider);
  const ofProgram = patches.of(component);
  const patch = ofProgram.get(logicalName) ?? {
    sharedConfigMap,
    plan: readAndPlan(context, settings, istiod, logicalName),
  };
  ofProgram.set(logicalName, patch);
  return {
    plan: patch.plan.apply(() => {
      if (patch.sharedConfigMap !== sharedConfigMap) {
        const reason = `another component of the program makes ${istiod.name} read ${patch.sharedConfigMap}.`;
        const remedy =
          "Istiod reads one shared ConfigMap: give all components the same mesh.sharedConfigMapName.";
        throw new ComponentRefusal(new MeshRefusal(sharedConfigMap, reason, remedy).message, component);
      }
      return true;
    }),
    register: (after) => {
      patch.registered ??= registerPatch(component, settings, istiod, { logicalName, patch, after });
      return patch.registered;
    },
  };
}

function readAndPlan(
  { component, reader }: MeshEditContext,
  settings: MeshSettings,
  istiod: IstiodSettings,
  logicalName: string,
): pulumi.Output<IstiodPatchPlan> {
  const deployment = pulumi.interpolate`${settings.istioNamespace}/${istiod.name}`;
  const asked = beforeRead(reader, "deployments", deployment);
  const { sharedConfigMapName: sharedConfigMap } = settings;
  const live = k8s.apps.v1.Deployment.get(`${logicalName}-live`, asked, {
    provider: component.getProvider("kubernetes:core/v1:ConfigMap"),
    additionalSecretOutputs: outputsOfOthers,
  });
  // The plan holds names of containers, and nothing else of what is there.
  return pulumi.unsecret(
    pulumi
      .all([deployment, live.metadata, live.spec])
      .apply(([where, metadata, spec]) =>
        isStandIn(metadata)
          ? { containers: [istiodPatchContainer(sharedConfigMap)], edited: "unknown" }
          : onBehalfOf(component, () =>
              planIstiodPatch({ metadata, spec }, { deployment: where, sharedConfigMap }, stackName()),
            ),
      ),
  );
}

function registerPatch(
  component: pulumi.ComponentResource,
  settings: MeshSettings,
  istiod: IstiodSettings,
  {
    logicalName,
    patch,
    after,
  }: { logicalName: string; patch: IstiodPatch; after: pulumi.Output<pulumi.Resource[]> },
): pulumi.Resource {
  const { plan } = patch;
  const variable = environment(component, settings, after);
  return new k8s.apps.v1.DeploymentPatch(
    logicalName,
    {
      metadata: {
        namespace: settings.istioNamespace,
        name: istiod.name,
        annotations: {
          "pulumi.com/patchForce": "true",
          "pulumi.com/patchFieldManager": fieldManagerOf(
            component,
            "istiod",
            `${stackName()}/${logicalName}`,
          ),
          [patchOwnerAnnotation]: stackName(),
          [editedAnnotation(stackName())]: plan.apply(({ edited }) => edited),
        },
      },
      spec: plan.apply(({ containers }) => ({ template: { spec: { containers } } })),
    },
    {
      provider: component.getProvider("kubernetes:core/v1:ConfigMap"),
      additionalSecretOutputs: outputsOfOthers,
      dependsOn: after.apply((resources) => [...resources, variable]),
    },
  );
}

/** The ConfigMap with the variable, one for all revisions. */
function environment(
  component: pulumi.ComponentResource,
  settings: MeshSettings,
  dependsOn: pulumi.Output<pulumi.Resource[]>,
): k8s.core.v1.ConfigMap {
  const { istioNamespace: namespace, sharedConfigMapName } = settings;
  const provider = component.getProvider("kubernetes:core/v1:ConfigMap");
  const name = environmentConfigMapName(sharedConfigMapName);
  const logicalName = sharedLogicalName(settings, name, provider);
  const ofProgram = environments.of(component);
  const found = ofProgram.get(logicalName);
  if (found !== undefined) {
    return found;
  }
  const created = new k8s.core.v1.ConfigMap(
    logicalName,
    {
      metadata: { namespace, name, labels: ownLabels, annotations: createdByAnnotations() },
      data: { [sharedMeshVariable]: sharedConfigMapName },
    },
    { provider, dependsOn },
  );
  ofProgram.set(logicalName, created);
  return created;
}
