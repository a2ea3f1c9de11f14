import { ComponentRefusal } from "../pulumi/refusal";
import { shadowedTargets } from "../settings/inspection";
import { targetsNamed } from "./finding";
import type { PreflightContext } from "./subject";

/**
 * Refuses to observe by shadow mode in a cluster that was not looked at: where Istio is older than 1.31, the targets would
 * block.
 *
 * @param reason - Why nobody looked.
 * @throws ComponentRefusal when a target is to be observed in this way.
 */
export function refuseUnseen(
  { component, settings }: Pick<PreflightContext, "component" | "settings">,
  reason: string,
): void {
  const names = shadowedTargets(settings).map(({ name }) => name);
  if (names.length > 0) {
    throw new ComponentRefusal(
      `SigsciIstioIntegration "${settings.name}": ${targetsNamed(names)}: with enforcement ${settings.enforcement}, an ` +
        "Istio before 1.31 blocks what is to be observed, and preflight has not seen which one runs: " +
        `${reason.replace(/\.$/, "")}.\n` +
        "    Let preflight look (`preflight.enabled`, `preflight.kubeconfig`), use enforcement ExternalProcessing, which " +
        "observes with every version, or let the targets block.",
      component,
    );
  }
}
