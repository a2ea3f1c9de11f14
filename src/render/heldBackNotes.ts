import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { heldBackUntil } from "../enforcement/heldBack";
import type { RecordedResource } from "../offline/recordedResource";
import { reveal } from "../offline/secretValue";
import { targetsNamed } from "../preflight/finding";
import { COMPONENT_TYPE } from "./externalMesh";

/** The targets that the coverage shows as they will be, though a run may hold them back until their pods carry the agent. */
export function heldBackNotes(resources: readonly RecordedResource[]): string[] {
  return resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ inputs }) => {
      // A component has checked its arguments; one that is recorded by its type alone has none.
      const args = reveal(inputs) as Partial<SigsciIstioIntegrationArgs>;
      const { sidecar, targets = [], teardown, enforcement = Enforcement.AuthorizationPolicy } = args;
      const percent = sidecar?.enforceFromPercent ?? 0;
      return percent === 0 || teardown === true
        ? []
        : [
            `${targetsNamed(targets.map(({ name }) => name))}: shown as inspected, perhaps too early: offline no pods are ` +
              `counted, and \`up\` holds each policy back that is not in effect yet, ${heldBackUntil(percent, enforcement)}`,
          ];
    });
}
