import type { ArgumentProblem } from "./problem";
import { TargetKind, TargetRefKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";

/**
 * Reasons to refuse the way in which a target names its proxies: what Istio would ignore without an error.
 *
 * Source: Istio, "AuthorizationPolicy", fields `selector` and `targetRefs`.
 */
export function targetKindProblems(target: TargetArgs, path: string): ArgumentProblem[] {
  return byKind[target.kind ?? TargetKind.Workload](target, path);
}

const byKind: Readonly<Record<TargetKind, (target: TargetArgs, path: string) => ArgumentProblem[]>> = {
  [TargetKind.Workload]: ({ targetRefs }, path) =>
    targetRefs === undefined
      ? []
      : [
          {
            path: `${path}.targetRefs`,
            value: targetRefs,
            reason: "sidecars ignore references without an error, so nothing would be inspected",
            remedy: 'Use matchLabels, or set kind to "Gateway" or "Waypoint".',
          },
        ],
  [TargetKind.Gateway]: ({ matchLabels, targetRefs }, path) => [
    ...((matchLabels === undefined) === (targetRefs === undefined)
      ? [
          {
            path,
            reason: "a gateway is named by either matchLabels or targetRefs",
            remedy: "Give the labels of an Istio gateway, or references to Gateways of the Gateway API.",
          },
        ]
      : []),
    ...wrongReferences({ targetRefs }, path, [TargetRefKind.Gateway], "refers to no gateway"),
  ],
  [TargetKind.Waypoint]: ({ matchLabels, targetRefs }, path) => [
    ...(matchLabels !== undefined || targetRefs === undefined
      ? [
          {
            path,
            reason: "waypoints ignore labels without an error, so nothing would be inspected",
            remedy:
              "Give targetRefs to the waypoint's Gateway or to the Services behind it, and no matchLabels.",
          },
        ]
      : []),
    ...waypointClassProblems({ targetRefs }, path),
  ],
};

function wrongReferences(
  { targetRefs }: Pick<TargetArgs, "targetRefs">,
  path: string,
  allowed: readonly TargetRefKind[],
  reason: string,
): ArgumentProblem[] {
  return (targetRefs ?? []).flatMap((reference, index) =>
    allowed.includes(reference.kind)
      ? []
      : [
          {
            path: `${path}.targetRefs[${index}]`,
            value: reference,
            reason: `it ${reason}`,
            remedy: `Use ${allowed.join(", ")}.`,
          },
        ],
  );
}

function waypointClassProblems(
  { targetRefs }: Pick<TargetArgs, "targetRefs">,
  path: string,
): ArgumentProblem[] {
  return (targetRefs ?? []).flatMap((reference, index) =>
    reference.kind === TargetRefKind.GatewayClass && reference.name !== "istio-waypoint"
      ? [
          {
            path: `${path}.targetRefs[${index}]`,
            value: reference,
            reason: "Istio knows no other class than istio-waypoint here",
            remedy: "Refer to the Gateway, or to the class istio-waypoint.",
          },
        ]
      : [],
  );
}
