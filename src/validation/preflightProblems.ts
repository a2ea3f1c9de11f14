import type { ArgumentProblem } from "./problem";
import type { PreflightArgs } from "../args/preflight";

const longestTimeout = 300;

/**
 * Reasons to refuse the arguments of preflight.
 *
 * @param args - The arguments, of the declared types.
 * @param path - Where they stand.
 */
export function preflightProblems(
  { enabled, kubeconfig, context, timeoutSeconds }: PreflightArgs = {},
  path = "preflight",
): ArgumentProblem[] {
  const isUsable = timeoutSeconds === undefined || (timeoutSeconds > 0 && timeoutSeconds <= longestTimeout);
  return [
    ...(isUsable
      ? []
      : [
          {
            path: `${path}.timeoutSeconds`,
            value: timeoutSeconds,
            reason: `it is not between 0 and ${longestTimeout} seconds`,
            remedy: "Leave it out for 10 seconds.",
          },
        ]),
    ...(enabled === false && (kubeconfig !== undefined || context !== undefined)
      ? [
          {
            path: `${path}.enabled`,
            value: false,
            reason: "a kubeconfig or a context is given, but nothing would be looked at",
            remedy: "Leave out either.",
          },
        ]
      : []),
  ];
}
