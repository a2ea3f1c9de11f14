import * as pulumi from "@pulumi/pulumi";
import { runsUnderEngine } from "../pulumi/engineRun";
import type { PreflightArgs } from "../args/preflight";
import type { ReadResource } from "./readRight";

/** On whose behalf something is read, and when. */
export interface Reader {
  /** The component that reads. */
  component: pulumi.ComponentResource;
  /** Its arguments for preflight. */
  preflight: PreflightArgs;
  /** The ids of what must be there first: unknown in a preview that creates any of it. */
  awaited: pulumi.Output<string[]>;
}

/**
 * The id of an object that is about to be read. It is unknown, so that nothing is read, in a preview that creates what
 * the component waits for. And it is given away once the user was warned if the read will fail: the provider's own error
 * ends the program before anything can say what to grant, or how a workload that was deleted leaves the stack.
 *
 * @param id - `<namespace>/<name>`.
 */
export function beforeRead(
  { component, preflight, awaited }: Reader,
  resource: ReadResource,
  id: pulumi.Output<string>,
): pulumi.Output<string> {
  const inTime = pulumi.all([id, awaited]).apply(([known]) => known);
  const mayLook = preflight.enabled !== false && preflight.kubeconfig === undefined;
  if (!mayLook || !runsUnderEngine(pulumi.runtime.getMonitor())) {
    return inTime;
  }
  return inTime.apply(async (known) => {
    const { readFailure } = await import("./readRight");
    const failure = await readFailure(component, preflight, resource, known);
    if (failure !== undefined) {
      void pulumi.log.warn(`preflight: ${failure}`, component);
    }
    return known;
  });
}
