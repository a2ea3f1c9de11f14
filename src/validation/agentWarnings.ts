import type { AgentArgs } from "../args/agent";
import { environmentWarnings } from "../agent/environmentWarnings";
import { imageWarnings } from "../agent/imageWarnings";
import { known } from "./known";

/**
 * What a user should know about accepted arguments of the agent; leaves that are known only later are skipped.
 *
 * @param args - The agent's arguments.
 * @param path - Where they stand, for example `agent`.
 * @param today - The day on which the support of the image's version is judged.
 */
export function agentWarnings(args: AgentArgs | undefined, path: string, today: Date): string[] {
  const given = args ?? {};
  return [
    ...imageWarnings(given.image ?? {}, today).map((warning) => `${path}.image: ${warning}`),
    ...environmentWarnings(given, path),
    ...userWarnings(given, path),
  ];
}

/** The image's user has a name, and the kubelet cannot see that a named user is not root. */
function userWarnings(args: AgentArgs, path: string): string[] {
  const context = known(args.podSecurityContext);
  return context !== undefined && known(context.runAsNonRoot) === true && context.runAsUser === undefined
    ? [
        `${path}.podSecurityContext: runAsNonRoot without runAsUser keeps the official image from starting, ` +
          "because its user has a name. Add the number of the user.",
      ]
    : [];
}
