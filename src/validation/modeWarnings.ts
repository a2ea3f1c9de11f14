import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { InspectionMode } from "../args/inspection";
import { modeOf } from "../settings/inspection";

/**
 * What a reviewer should know of targets that observe.
 *
 * @param today - Decides whether the last day of observing has passed.
 */
export function modeWarnings(
  { inspection = {}, targets }: SigsciIstioIntegrationArgs,
  today: Date,
): string[] {
  const observed = targets
    .map((target) => ({ name: target.name, ...modeOf(inspection, target) }))
    .filter(({ mode }) => mode === InspectionMode.Observe);
  const day = today.toISOString().slice(0, 10);
  const late = observed.filter(({ observeUntil }) => observeUntil !== undefined && observeUntil < day);
  return [
    ...(observed.length === 0
      ? []
      : [
          `${named(observed)}: requests are observed, not blocked. Attacks pass; the agent sees and reports them.`,
        ]),
    ...late.map(
      ({ name, observeUntil }) =>
        `target ${name} was to observe until ${observeUntil ?? ""} and still does: set its mode to Block, or give a later day.`,
    ),
  ];
}

function named(targets: readonly { name: string }[]): string {
  return `${targets.length === 1 ? "target" : "targets"} ${targets.map(({ name }) => name).join(", ")}`;
}
