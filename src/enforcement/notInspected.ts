import { Enforcement, Placement } from "../args/integration";
import type { IntegrationSettings } from "../settings/integration";
import { envoyFilterExclusions } from "./envoyFilter/exclusions";

/**
 * What passes without inspection besides what the targets' own rules leave out, one line for each.
 *
 * @param settings - The component's settings.
 */
export function notInspected(settings: IntegrationSettings): string[] {
  const { inspection, enforcement, envoyFilter, teardown } = settings;
  if (teardown) {
    return ["everything, because teardown is on"];
  }
  const { enabled, maxBytes } = inspection.body;
  return [
    enabled ? `what is behind the first ${maxBytes} bytes of a request body` : "request bodies",
    ...(enforcement === Enforcement.EnvoyFilter ? envoyFilterExclusions(envoyFilter, inspection) : []),
    ...(inspection.failOpen ? withoutAgent[settings.placement] : []),
    ...(inspection.failOpen ? [`requests that the agent does not answer within ${inspection.timeout}`] : []),
  ];
}

/** Where there may be nobody to ask, and fail open then lets requests pass. */
const withoutAgent: Readonly<Record<Placement, string[]>> = {
  [Placement.Service]: [],
  [Placement.NodeLocal]: ["requests to pods on a node without a ready agent"],
  [Placement.Sidecar]: ["requests to pods of a target that were started without the agent"],
};
