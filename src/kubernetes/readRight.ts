import type * as pulumi from "@pulumi/pulumi";
import { PreflightCheck } from "../args/preflight";
import type { PreflightArgs } from "../args/preflight";
import { RequestFailure } from "./requestFailure";
import { KubeconfigError } from "./kubeconfig";
import { describeRule } from "./rbacRules";
import { preflightSource, runFacts } from "./kubeconfigSource";
import { clientOf } from "./sharedClient";

/** Plural names of what a component reads through Pulumi's own provider. */
export type ReadResource = "configmaps" | "deployments" | "statefulsets" | "daemonsets";

/**
 * Asks whether the user of the run may read an object, and whether a workload is there. It is asked only where the
 * credentials are those with which Pulumi's own provider reads.
 *
 * @param id - `<namespace>/<name>`.
 * @returns why the read will fail and what to do; undefined when it will not, or when that is not known.
 */
export async function readFailure(
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
      // The mesh ConfigMap may come later, and its patch leaves the state whether it is there or not.
      const isWorkload = resource !== "configmaps";
      const path = `/apis/apps/v1/namespaces/${namespace}/${resource}/${name}`;
      return isWorkload && (await client.get(path, true)) === undefined ? absent(resource, id) : undefined;
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

/** A patch is deleted by an apply, which the API server refuses for a workload that is gone. */
function absent(resource: ReadResource, id: string): string {
  return (
    `${resource}.apps ${id} does not exist, and the run stops there. If it was deleted for good, take what names it ` +
    "out of the program and run\n      pulumi up --refresh\n    or run `pulumi destroy --refresh`: only a refresh " +
    "takes the patch of an object that is gone out of the state."
  );
}
