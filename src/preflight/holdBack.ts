import * as pulumi from "@pulumi/pulumi";
import type { HeldBackTargets } from "../enforcement/heldBack";
import { runsUnderEngine } from "../pulumi/engineRun";
import type { PreflightContext } from "./subject";

/** What deciding about the targets needs of the component. */
export type HoldBackContext = Pick<PreflightContext, "component" | "settings" | "meshes" | "awaited">;

/**
 * Decides in each run which targets are not inspected yet, where a share of agents is asked for. Offline none is held
 * back: what is shown is where it ends.
 *
 * @returns unknown in a preview that creates what the component waits for; rejects with a ComponentRefusal when the pods
 * cannot be counted.
 */
export function holdBack({
  component,
  settings,
  meshes,
  awaited,
}: HoldBackContext): pulumi.Input<HeldBackTargets> {
  const { sidecar, teardown, targets, preflight } = settings;
  if (sidecar.enforceFromPercent === 0 || teardown || !runsUnderEngine(pulumi.runtime.getMonitor())) {
    return {};
  }
  const loaded = import("./countAgents");
  const known = pulumi.all([
    pulumi.all(
      targets.map(({ namespace, matchLabels }) => pulumi.all([namespace, pulumi.output(matchLabels)])),
    ),
    pulumi.all(meshes.map(({ configMap, uid }) => pulumi.all([configMap, uid]))),
    pulumi.output(preflight.kubeconfig),
    awaited,
  ]);
  // The kubeconfig is a secret; counts are none.
  return pulumi.unsecret(
    known.apply(async ([places, uids, kubeconfig]) => {
      const { heldBackTargets } = await loaded;
      return heldBackTargets(
        { component, settings },
        targets.map((target, index) => {
          const [namespace = "", matchLabels] = places[index] ?? [];
          return { ...target, namespace, matchLabels };
        }),
        uids.map(([id, uid]) => ({ id, uid })),
        kubeconfig,
      );
    }),
  );
}
