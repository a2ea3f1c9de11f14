import { at, listAt, textAt } from "../preflight/liveObject";

/** The variable of istiod that names a second mesh ConfigMap. Source: Istio, istiod's environment variables. */
export const sharedMeshVariable = "SHARED_MESH_CONFIG";

/** What a Deployment of istiod says about the variable: `hidden` when its value stands somewhere else. */
export type SharedMeshVariable =
  { readonly state: "set"; readonly configMap: string } | { readonly state: "absent" | "hidden" | "unknown" };

/**
 * Reads the variable.
 *
 * @param spec - Field `spec` of the Deployment.
 */
export function readSharedMeshVariable(spec: unknown): SharedMeshVariable {
  const containers = listAt(spec, "template", "spec", "containers");
  const istiod = containers.find((container) => textAt(container, "name") === "discovery") ?? containers[0];
  if (istiod === undefined) {
    return { state: "unknown" };
  }
  // Of variables of the same name the last one counts.
  const variable = listAt(istiod, "env")
    .filter((one) => textAt(one, "name") === sharedMeshVariable)
    .at(-1);
  if (variable === undefined) {
    return { state: listAt(istiod, "envFrom").length > 0 ? "hidden" : "absent" };
  }
  if (at(variable, "valueFrom") !== undefined) {
    return { state: "hidden" };
  }
  const configMap = textAt(variable, "value") ?? "";
  return configMap === "" ? { state: "absent" } : { state: "set", configMap };
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
 * @param istiod - Its Deployment.
 * @param configMap - Name of the shared ConfigMap.
 * @returns undefined when it does.
 */
export function judgeIstiod(
  istiod: { spec: unknown; status: unknown },
  configMap: string,
): IstiodFinding | undefined {
  const variable = readSharedMeshVariable(istiod.spec);
  if (variable.state === "set") {
    return variable.configMap === configMap ? unfinishedRollout(istiod) : otherConfigMap(variable.configMap);
  }
  if (variable.state === "absent") {
    return {
      refused: true,
      reason:
        `its variable ${sharedMeshVariable} is not set, so istiod does not read ConfigMap ${configMap}. Every ` +
        "request that a policy matches would be answered with 403, also with `failOpen`.",
      remedy: howToSet(configMap),
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

function otherConfigMap(found: string): IstiodFinding {
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

function howToSet(configMap: string): string {
  const variable = `${sharedMeshVariable}: ${configMap}`;
  return (
    "Set it where Istio is installed, and wait until istiod has restarted:\n" +
    `      Helm, chart istiod:         pilot: { env: { ${variable} } }\n` +
    `      IstioOperator:              spec: { values: { pilot: { env: { ${variable} } } } }\n` +
    `      Sail operator, kind Istio:  spec: { values: { pilot: { env: { ${variable} } } } }`
  );
}
