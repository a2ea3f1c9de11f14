import { conditionNames } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { proxiesKey } from "../enforcement/proxiesKey";
import type { ArgumentProblem } from "./problem";
import { targetKindProblems } from "./targetKindProblems";

/** What does not go together in the targets; the syntax of each field is checked in shapes/targets.ts. */
export function targetsProblems(targets: readonly TargetArgs[], path = "targets"): ArgumentProblem[] {
  if (targets.length === 0) {
    return [
      { path, value: targets, reason: "nothing would be protected", remedy: "Give at least one target." },
    ];
  }
  return [
    ...targets.flatMap((target, index) => targetProblems(target, `${path}[${index}]`)),
    ...duplicateNames(targets, path),
    ...duplicateSelectors(targets, path),
  ];
}

function targetProblems(target: TargetArgs, path: string): ArgumentProblem[] {
  const conditions = conditionNames.filter((name) => target[name] !== undefined);
  return [
    ...targetKindProblems(target, path),
    ...(target.rules !== undefined && conditions.length > 0
      ? [
          {
            path: `${path}.rules`,
            reason: `${conditions.join(", ")} stand next to it`,
            remedy: "Move the conditions into `rules`, or remove `rules`.",
          },
        ]
      : []),
  ];
}

function duplicateNames(targets: readonly TargetArgs[], path: string): ArgumentProblem[] {
  return duplicates(targets, (target) => target.name).map(([first, second]) => ({
    path: `${path}[${second}].name`,
    value: targets[second]?.name,
    reason: `${path}[${first}] has the same name`,
    remedy: "Give each target a name of its own; it is part of the names of its objects.",
  }));
}

function duplicateSelectors(targets: readonly TargetArgs[], path: string): ArgumentProblem[] {
  return duplicates(targets, proxiesKey).map(([first, second]) => ({
    path: `${path}[${second}]`,
    reason: `${path}[${first}] selects the same workloads, and Istio uses only one Telemetry for a workload`,
    remedy: "Make it one target and list the conditions in its `rules`.",
  }));
}

/** Pairs of positions with the same key, each later one with the first; linear in the number of targets. */
function duplicates(
  targets: readonly TargetArgs[],
  keyOf: (target: TargetArgs) => string | undefined,
): [number, number][] {
  const firsts = new Map<string, number>();
  const found: [number, number][] = [];
  targets.forEach((target, index) => {
    const key = keyOf(target);
    const first = key === undefined ? undefined : firsts.get(key);
    if (first !== undefined) {
      found.push([first, index]);
    } else if (key !== undefined) {
      firsts.set(key, index);
    }
  });
  return found;
}
