import type * as pulumi from "@pulumi/pulumi";
import type { TargetArgs } from "../args/targets";
import { whenKnown } from "../pulumi/inputs";
import type { IntegrationSettings } from "../settings/integration";
import { heldBackAnnotation, heldBackUntil } from "./heldBack";
import type { HeldBackTargets } from "./heldBack";
import { enforcementMetadata } from "./metadata";
import type { TargetMetadata } from "./metadata";

/** Metadata and spec of an object of a target. */
interface TargetObject {
  metadata: pulumi.Input<TargetMetadata>;
  spec: pulumi.Input<object>;
}

/**
 * Metadata and spec of an object of a target, which says of itself whether the target is held back.
 *
 * @param heldBack - Plain where no share of agents is asked for; then so is what comes out.
 * @param specOf - The spec, by whether the target is held back.
 */
export function whenHeldBack(
  settings: IntegrationSettings,
  target: TargetArgs,
  heldBack: pulumi.Input<HeldBackTargets>,
  specOf: (isHeld: boolean) => pulumi.Input<object>,
): TargetObject {
  const metadata = enforcementMetadata(settings, target);
  const { sidecar, enforcement } = settings;
  const annotation = { [heldBackAnnotation]: heldBackUntil(sidecar.enforceFromPercent, enforcement) };
  return {
    metadata: whenKnown(heldBack, (held) =>
      target.name in held
        ? { ...metadata, annotations: { ...metadata.annotations, ...annotation } }
        : metadata,
    ),
    spec: whenKnown(heldBack, (held) => specOf(target.name in held)),
  };
}
