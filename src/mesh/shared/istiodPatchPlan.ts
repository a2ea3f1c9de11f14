import { isDeepStrictEqual } from "node:util";
import type * as k8s from "@pulumi/kubernetes";
import { listAt, textAt, textMapAt } from "../../kubernetes/liveObject";
import { editedAnnotation } from "../../kubernetes/ownership";
import type { Annotations } from "../../kubernetes/ownership";
import { MeshRefusal } from "../planMeshEdit";
import { environmentConfigMapName } from "../../settings/mesh";
import {
  howToSet,
  istiodContainerName,
  otherConfigMap,
  patchOwnerAnnotation,
  sharedMeshVariable,
  variableOf,
} from "./sharedVariable";

/** The istiod that gets the variable. */
export interface IstiodPatchTarget {
  /** `<namespace>/<name>` of its Deployment. */
  deployment: string;
  /** Name of the ConfigMap that the variable is to name. */
  sharedConfigMap: string;
}

/** The patch of one Deployment of istiod. */
export interface IstiodPatchPlan {
  /** The containers: every present name in its place, and what istiod's own one reads its variables from. */
  containers: k8s.types.input.core.v1.ContainerPatch[];
  /**
   * Value of the annotation that makes a lost patch visible: it stays while the live object has everything of ours, and
   * changes when it does not.
   */
  edited: string;
}

/**
 * Decides how istiod gets its variable `SHARED_MESH_CONFIG`. The patch is the same whether istiod has the variable
 * already or not, and the same again once it is applied.
 *
 * The variable comes by `envFrom`, since an item of `env` would have to be listed behind all the others, by name, which
 * would then outlive their removal from the chart.
 *
 * @param stack - `<project>/<stack>` that asks.
 * @throws MeshRefusal when the variable cannot be set so.
 */
export function planIstiodPatch(
  live: { metadata: unknown; spec: unknown },
  target: IstiodPatchTarget,
  stack: string,
): IstiodPatchPlan {
  const annotations = textMapAt(live.metadata, "annotations");
  const containers = listAt(live.spec, "template", "spec", "containers");
  const istiod = containers.find((container) => textAt(container, "name") === istiodContainerName);
  refuseForeign(istiod, target, annotations, stack);
  const ours = istiodPatchContainer(target.sharedConfigMap);
  const found = annotations[editedAnnotation(stack)];
  const isWhole =
    annotations[patchOwnerAnnotation] === stack && isDeepStrictEqual(listAt(istiod, "envFrom"), ours.envFrom);
  return {
    containers: containers.flatMap((container) => {
      const name = textAt(container, "name");
      return name === undefined ? [] : [name === istiodContainerName ? ours : { name }];
    }),
    edited: isWhole && found !== undefined ? found : (textAt(live.metadata, "resourceVersion") ?? "unknown"),
  };
}

/** The container of istiod in the patch. */
export function istiodPatchContainer(sharedConfigMap: string): { name: string; envFrom: object[] } {
  const name = environmentConfigMapName(sharedConfigMap);
  // Optional: istiod must start also when somebody deleted the ConfigMap.
  return { name: istiodContainerName, envFrom: [{ configMapRef: { name, optional: true } }] };
}

function refuseForeign(
  istiod: unknown,
  { deployment, sharedConfigMap }: IstiodPatchTarget,
  annotations: Annotations,
  stack: string,
): void {
  const refuse = (reason: string, remedy: string): never => {
    throw new MeshRefusal(sharedConfigMap, `Deployment ${deployment} of istiod: ${reason}`, remedy);
  };
  const byHand = `Leave out mesh.patchIstiod. ${howToSet(sharedConfigMap)}`;
  if (istiod === undefined) {
    refuse(`it has no container ${istiodContainerName}, so nothing of it can be patched.`, byHand);
  }
  const owner = annotations[patchOwnerAnnotation];
  if (owner !== undefined && owner !== stack) {
    refuse(`stack ${owner} sets ${sharedMeshVariable} there already.`, "Leave out mesh.patchIstiod here.");
  }
  const variable = variableOf(istiod);
  const value = textAt(variable, "value") ?? "";
  if (variable !== undefined && value === "") {
    const reason = `its \`env\` has ${sharedMeshVariable} without a value that can be seen, and that wins over a patch.`;
    refuse(reason, byHand);
  }
  if (variable !== undefined && value !== sharedConfigMap) {
    const { reason, remedy } = otherConfigMap(value);
    refuse(reason, remedy);
  }
  const sources = listAt(istiod, "envFrom");
  if (!isOurs(sources, sharedConfigMap, owner === stack)) {
    const names = sources.map((source) => sourceName(source) ?? "something unknown").join(", ");
    const reason = `its \`envFrom\` reads ${names}, and a patch would replace that: the list has one owner.`;
    refuse(reason, byHand);
  }
}

/** Under our mark the list may be that of another shared ConfigMap, from before its name was changed. */
function isOurs(sources: unknown[], sharedConfigMap: string, isMarked: boolean): boolean {
  const [source, ...more] = sources;
  const name = textAt(source, "configMapRef", "name");
  return (
    source === undefined ||
    (more.length === 0 &&
      name !== undefined &&
      (name === environmentConfigMapName(sharedConfigMap) ||
        (isMarked && name.endsWith(environmentConfigMapName("")))))
  );
}

function sourceName(source: unknown): string | undefined {
  const [configMap, secret] = ["configMapRef", "secretRef"].map((kind) => textAt(source, kind, "name"));
  return configMap === undefined ? secret && `Secret ${secret}` : `ConfigMap ${configMap}`;
}
