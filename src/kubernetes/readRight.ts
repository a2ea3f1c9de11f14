import type * as pulumi from "@pulumi/pulumi";
import { PreflightCheck } from "../args/preflight";
import type { PreflightArgs } from "../args/preflight";
import { RequestFailure } from "./clusterClient";
import { KubeconfigError } from "./kubeconfig";
import { describeRule } from "./rbacRules";
import { preflightSource, runFacts } from "./kubeconfigSource";
import { clientOf } from "./sharedClient";

/** Plural names of what a component reads through Pulumi's own provider. */
export type ReadResource = "configmaps" | "deployments" | "statefulsets" | "daemonsets";

/**
 * Asks whether the user of the run may read an object. It is asked only where the credentials are those with which
 * Pulumi's own provider reads.
 *
 * @param id - `<namespace>/<name>`.
 * @returns what is not allowed and what to grant; undefined when it is allowed, or not known.
 */
export async function missingReadRight(
  component: pulumi.ComponentResource,
  preflight: PreflightArgs,
  resource: ReadResource,
  id: string,
): Promise<string | undefined> {
  const source = preflightSource({ ...preflight, kubeconfig: undefined }, await runFacts(component));
  const ignored = preflight.ignore?.includes(PreflightCheck.Permissions) === true;
  if (ignored || !("sameUser" in source) || !source.sameUser) {
    return undefined;
  }
  const [namespace = "", name = ""] = id.split("/");
  const group = resource === "configmaps" ? "" : "apps";
  try {
    const client = await clientOf(component, source, preflight.timeoutSeconds ?? 10);
    if (await client.may({ verb: "get", group, resource, namespace, name })) {
      return undefined;
    }
  } catch (error) {
    // The read that follows meets the same, and its error says more.
    if (error instanceof RequestFailure || error instanceof KubeconfigError) {
      return undefined;
    }
    throw error;
  }
  const what = group === "" ? resource : `${resource}.${group}`;
  const rule = describeRule({ group, resources: [resource], names: [name], verbs: ["get"] });
  return (
    `the user of this run may not get ${what} ${id}, which is read before anything is created; the run stops ` +
    `there. Grant\n      in a Role in ${namespace}:\n      rules:\n        - ${rule}\n` +
    "    The complete Roles are in docs/permissions.yaml."
  );
}
