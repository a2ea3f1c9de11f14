import type { ClusterFacts } from "./clusterFacts";
import { labelsOf, listAt, textAt, textsAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";

/**
 * Revision of an istiod Deployment; `default` for the unnamed one.
 *
 * @param istiod - The Deployment.
 */
export function revisionOf(istiod: LiveObject): string {
  const label = labelsOf(istiod)["istio.io/rev"] ?? "";
  return label === "" ? "default" : label;
}

/**
 * Value of an environment variable of istiod.
 *
 * @param istiod - The Deployment.
 * @param name - Name of the variable.
 */
export function istiodVariable(istiod: LiveObject, name: string): string | undefined {
  const variables = listAt(istiod, "spec", "template", "spec", "containers").flatMap((container) =>
    listAt(container, "env"),
  );
  return textAt(
    variables.find((variable) => textAt(variable, "name") === name),
    "value",
  );
}

/** Whether every istiod seen allows several external authorizers for one workload. */
export function allowsSeveralProviders({ istiods = [] }: ClusterFacts): boolean {
  const allowed = (istiod: LiveObject): boolean =>
    ["true", "1"].includes(istiodVariable(istiod, "PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS") ?? "");
  return istiods.length > 0 && istiods.every(allowed);
}

/**
 * DNS domain for which an istiod runs, as its arguments say.
 *
 * @param istiod - The Deployment.
 */
export function istiodDomain(istiod: LiveObject): string | undefined {
  const args = listAt(istiod, "spec", "template", "spec", "containers").flatMap((container) =>
    textsAt(container, "args"),
  );
  const place = args.indexOf("--domain");
  const joined = args.find((argument) => argument.startsWith("--domain="));
  return place >= 0 ? args[place + 1] : joined?.slice("--domain=".length);
}

/** Revision of each tag, as the injection webhooks say. */
export function revisionTags({ injectionWebhooks = [] }: ClusterFacts): ReadonlyMap<string, string> {
  return new Map(
    injectionWebhooks.flatMap((webhook): [string, string][] => {
      const { "istio.io/tag": tag, "istio.io/rev": revision } = labelsOf(webhook);
      return tag === undefined || revision === undefined ? [] : [[tag, revision]];
    }),
  );
}
