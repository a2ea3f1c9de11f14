import * as pulumi from "@pulumi/pulumi";
import { runsUnderEngine } from "../pulumi/engineRun";
import type { PreflightArgs } from "../args/preflight";
import type { ReadResource } from "./readRight";

/**
 * The id of an object that is about to be read, given away once the user was warned if he may not read it: the
 * provider's own error names user, verb, resource and namespace, but ends the program before anything can say what to
 * grant.
 *
 * @param component - The component that reads.
 * @param preflight - Its arguments for preflight.
 * @param resource - Plural name of the resource.
 * @param id - `<namespace>/<name>`.
 */
export function beforeRead(
  component: pulumi.ComponentResource,
  preflight: PreflightArgs,
  resource: ReadResource,
  id: pulumi.Output<string>,
): pulumi.Output<string> {
  const mayLook = preflight.enabled !== false && preflight.kubeconfig === undefined;
  if (!mayLook || !runsUnderEngine(pulumi.runtime.getMonitor())) {
    return id;
  }
  return id.apply(async (known) => {
    const { missingReadRight } = await import("./readRight");
    const missing = await missingReadRight(component, preflight, resource, known);
    if (missing !== undefined) {
      void pulumi.log.warn(`preflight: ${missing}`, component);
    }
    return known;
  });
}
