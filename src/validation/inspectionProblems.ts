import type { InspectionArgs } from "../args/inspection";
import type { ArgumentProblem } from "./problem";

/** What does not go together in the inspection arguments. */
export function inspectionProblems(
  { failOpen, statusOnError }: InspectionArgs,
  path: string,
): ArgumentProblem[] {
  return statusOnError === undefined || failOpen === false
    ? []
    : [
        {
          path: `${path}.statusOnError`,
          value: statusOnError,
          reason: "with failOpen, which is true unless it is set, a request that cannot be checked passes",
          remedy: "Write failOpen: false to refuse such requests with this status, or leave it out.",
        },
      ];
}
