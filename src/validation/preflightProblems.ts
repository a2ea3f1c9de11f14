import type { PreflightArgs } from "../args/preflight";
import type { ArgumentProblem } from "./problem";

/** Refuses to say how to reach the cluster when nothing looks at it. */
export function preflightProblems(
  { enabled, kubeconfig, context }: PreflightArgs = {},
  path = "preflight",
): ArgumentProblem[] {
  return enabled === false && (kubeconfig !== undefined || context !== undefined)
    ? [
        {
          path: `${path}.enabled`,
          value: false,
          reason: "a kubeconfig or a context is given, but nothing would be looked at",
          remedy: "Leave out either.",
        },
      ]
    : [];
}
