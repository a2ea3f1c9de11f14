import { at, listAt, textAt, textMapAt } from "../../kubernetes/liveObject";
import { ownerAnnotation } from "../../kubernetes/ownership";
import { environmentConfigMapName } from "../../settings/mesh";

/** The variable of istiod that names a second mesh ConfigMap. Source: Istio, istiod's environment variables. */
export const sharedMeshVariable = "SHARED_MESH_CONFIG";

/** Name of the container of istiod. Source: Istio, chart istiod. */
export const istiodContainerName = "discovery";

/** Annotation of a Deployment of istiod that says which stack patches it: `<project>/<stack>`. */
export const patchOwnerAnnotation = ownerAnnotation(sharedMeshVariable);

/**
 * What a Deployment of istiod says about the variable: `patched` when `mesh.patchIstiod` set it, as the name of the
 * source says, `hidden` when its value stands somewhere else.
 */
export type SharedMeshVariable =
  | { readonly state: "set" | "patched"; readonly configMap: string }
  | { readonly state: "absent" | "hidden" | "unknown" };

/** Reads the variable from the field `spec` of a Deployment of istiod. */
export function readSharedMeshVariable(spec: unknown): SharedMeshVariable {
  const istiod = istiodContainer(spec);
  if (istiod === undefined) {
    return { state: "unknown" };
  }
  const variable = variableOf(istiod);
  if (variable === undefined) {
    return readSources(istiod);
  }
  if (at(variable, "valueFrom") !== undefined) {
    return { state: "hidden" };
  }
  const configMap = textAt(variable, "value") ?? "";
  return configMap === "" ? { state: "absent" } : { state: "set", configMap };
}

function readSources(istiod: unknown): SharedMeshVariable {
  // Of sources that have the same variable the last one counts.
  const last = listAt(istiod, "envFrom").at(-1);
  const name = textAt(last, "configMapRef", "name") ?? "";
  const suffix = environmentConfigMapName("");
  if (name.endsWith(suffix) && name !== suffix) {
    return { state: "patched", configMap: name.slice(0, -suffix.length) };
  }
  return { state: last === undefined ? "absent" : "hidden" };
}

/** The container of istiod: the one of the usual name, or else the first. */
export function istiodContainer(spec: unknown): unknown {
  const containers = listAt(spec, "template", "spec", "containers");
  return containers.find((container) => textAt(container, "name") === istiodContainerName) ?? containers[0];
}

/** A variable in the list `env` of a container, as it stands there. */
export function variableOf(container: unknown, name = sharedMeshVariable): unknown {
  // Of variables of the same name the last one counts.
  return listAt(container, "env")
    .filter((one) => textAt(one, "name") === name)
    .at(-1);
}

/** What is wrong with an istiod, or could be. */
export interface IstiodFinding {
  /** Whether the run stops because of it. */
  refused: boolean;
  /** What is found, and what would happen to traffic. */
  reason: string;
  /** The way out. */
  remedy: string;
}

/**
 * Judges whether an istiod reads the shared ConfigMap.
 *
 * @param stack - `<project>/<stack>` of the one who asks, who does not patch istiod in this run.
 * @returns undefined when it does.
 */
export function judgeIstiod(
  istiod: { metadata?: unknown; spec: unknown; status: unknown },
  configMap: string,
  stack: string,
): IstiodFinding | undefined {
  const variable = readSharedMeshVariable(istiod.spec);
  if (variable.state === "patched" && variable.configMap === configMap) {
    const owner = textMapAt(istiod.metadata, "annotations")[patchOwnerAnnotation];
    return owner === stack ? patchIsLeaving(configMap) : unfinishedRollout(istiod);
  }
  if (variable.state === "set") {
    return variable.configMap === configMap ? unfinishedRollout(istiod) : otherConfigMap(variable.configMap);
  }
  if (variable.state === "absent") {
    return {
      refused: true,
      reason:
        `its variable ${sharedMeshVariable} is not set, so istiod does not read ConfigMap ${configMap}. Every ` +
        "request that a policy matches would be answered with 403, also with `failOpen`.",
      remedy: `${howToSet(configMap)}\n    Or let this component set it: \`mesh.patchIstiod: true\`.`,
    };
  }
  return {
    refused: false,
    reason:
      `the value of its variable ${sharedMeshVariable} does not stand in the Deployment, so it is not checked. ` +
      "If istiod does not read the ConfigMap, every request that a policy matches is answered with 403.",
    remedy: `Make sure that the value is ${configMap}.`,
  };
}

/** A patch that the program does not have any more goes at the end of the update, with the policies in force. */
function patchIsLeaving(configMap: string): IstiodFinding {
  return {
    refused: true,
    reason:
      `this stack set its variable ${sharedMeshVariable} with \`mesh.patchIstiod\`, and would take it away at the end ` +
      "of this update. Every request that a policy matches would be answered with 403, also with `failOpen`.",
    remedy:
      "Keep `mesh.patchIstiod: true`, in every component of the program, or leave it out once the variable is set " +
      `elsewhere.\n    ${howToSet(configMap)}\n    In a component that another program of this stack constructs ` +
      "(YAML): `mesh.checkIstiod: false`.",
  };
}

/** What is found when the variable names another ConfigMap. */
export function otherConfigMap(found: string): IstiodFinding {
  return {
    refused: true,
    reason: `its variable ${sharedMeshVariable} names ConfigMap ${found}, and istiod reads one shared ConfigMap only.`,
    remedy:
      `Set \`mesh.sharedConfigMapName: "${found}"\`; if that ConfigMap exists already, also ` +
      "`mesh.createSharedConfigMap: false`.",
  };
}

/** Pods of istiod from before the variable was set serve their proxies until they are gone. */
function unfinishedRollout({ spec, status }: { spec: unknown; status: unknown }): IstiodFinding | undefined {
  const [wanted, updated, all] = [
    at(spec, "replicas"),
    at(status, "updatedReplicas"),
    at(status, "replicas"),
  ];
  if (typeof updated !== "number" || typeof all !== "number" || (updated === all && updated === wanted)) {
    return undefined;
  }
  return {
    refused: false,
    reason:
      `its rollout is not finished (${updated} of ${all} pods are new). A pod from before ${sharedMeshVariable} was ` +
      "set does not know the providers, and its proxies would answer 403 to every request that a policy matches.",
    remedy: "If the variable is new, wait for `kubectl rollout status` before this up.",
  };
}

/** How the variable is set by whoever installs Istio. */
export function howToSet(configMap: string): string {
  const variable = `${sharedMeshVariable}: ${configMap}`;
  return (
    "Set it where Istio is installed, and wait until istiod has restarted:\n" +
    `      Helm, chart istiod:         pilot: { env: { ${variable} } }\n` +
    `      IstioOperator:              spec: { values: { pilot: { env: { ${variable} } } } }\n` +
    `      Sail operator, kind Istio:  spec: { values: { pilot: { env: { ${variable} } } } }`
  );
}
