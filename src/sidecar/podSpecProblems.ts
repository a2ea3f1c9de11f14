import { isDeferred, isRecord } from "../pulumi/inputs";
import type { ArgumentProblem } from "../validation/problem";

const path = "podSpec";

/**
 * Refuses what is no pod spec, such as the pod template around it: the agent would be added where nothing reads it.
 *
 * @param given - From a program without type checks it may be anything.
 */
export function podSpecProblems(given: unknown): ArgumentProblem[] {
  if (isDeferred(given)) {
    const remedy = "Add the agent once it is known: podSpec.apply((known) => withSigsciAgent(known, agent)).";
    return [{ path, reason: "it is an Output, and must be an object", remedy }];
  }
  if (isRecord(given) && given.containers !== undefined) {
    return [];
  }
  const inside = isRecord(given) ? placeInside(given) : undefined;
  return inside === undefined
    ? [
        {
          path: isRecord(given) ? `${path}.containers` : path,
          reason: "a pod spec has containers, and there are none",
          remedy: 'Give the spec of a pod template: { containers: [{ name: "web", image: "…" }] }.',
        },
      ]
    : [
        {
          path,
          reason: "it is no pod spec, but holds one",
          remedy: `Give ${path}.${inside}, and put what comes out in its place.`,
        },
      ];
}

/** Where the pod spec is in a pod template, a workload or the spec of one. */
function placeInside(given: Record<string, unknown>): string | undefined {
  const steps = ["jobTemplate", "template", "spec"].filter((step) => isRecord(given[step]));
  const [step] = steps;
  const inner = step === undefined ? undefined : given[step];
  if (step === undefined || !isRecord(inner)) {
    return undefined;
  }
  if (inner.containers !== undefined) {
    return step;
  }
  const rest = placeInside(inner);
  return rest === undefined ? undefined : `${step}.${rest}`;
}
